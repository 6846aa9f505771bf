import type { Clock } from '@headgate/shared/clock';
import { Counter, Histogram, type Registry } from 'prom-client';
import { StaleRevisionError, StoreFailedError, StoreFullError, type Store } from '../store/store.ts';

/** A store that counts what happens to its commits; in all else it is the one that it wraps. */
export function measuredStore(store: Store, registry: Registry, clock: Clock): Store {
  const { seconds, errors } = createStoreMetrics(registry);
  return {
    load: () => store.load(),
    commitsSince: (version, mostObjects) => store.commitsSince(version, mostObjects),
    revisions: (page) => store.revisions(page),
    changesBetween: (older, newer) => store.changesBetween(older, newer),
    watch: (fromRevision, listener) => store.watch(fromRevision, listener),
    check: () => store.check(),
    close: () => store.close(),
    loadMembership: () => store.loadMembership(),
    membershipSince: (version) => store.membershipSince(version),
    watchMembership: (listener) => store.watchMembership(listener),
    commit: (expectedRevision, change) => measured(() => store.commit(expectedRevision, change)),
    commitMembership: (objects) => measured(() => store.commitMembership(objects)),
  };

  async function measured<T>(commit: () => Promise<T>): Promise<T> {
    const start = clock.monotonic();
    try {
      const committed = await commit();
      seconds.observe((clock.monotonic() - start) / 1_000);
      return committed;
    } catch (error) {
      errors.inc({ reason: reasonOf(error) });
      throw error;
    }
  }
}

interface StoreMetrics {
  readonly seconds: Histogram;
  readonly errors: Counter<'reason'>;
}

function createStoreMetrics(registry: Registry): StoreMetrics {
  const registers = [registry];
  const errors = new Counter({
    name: 'headgate_store_errors_total',
    help: 'Commits that did not happen, by reason: full, failed, stale (somebody else was faster) or other',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of ['full', 'failed', 'stale', 'other']) errors.inc({ reason }, 0);
  const seconds = new Histogram({
    name: 'headgate_store_commit_duration_seconds',
    help: 'From the order to commit a change until it was durable',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  return { seconds, errors };
}

function reasonOf(error: unknown): string {
  if (error instanceof StoreFullError) return 'full';
  if (error instanceof StoreFailedError) return 'failed';
  return error instanceof StaleRevisionError ? 'stale' : 'other';
}
