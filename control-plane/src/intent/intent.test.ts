import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../store/sqlite-store.ts';
import { StoreFailedError, StoreFullError, type Change, type Commit, type Store } from '../store/store.ts';
import { contentOf } from './intent-fixture.cases.ts';
import type { IntentState } from './intent-state.ts';
import { Intent, type Plan } from './intent.ts';
import { loadIntent } from './load-intent.ts';
import { planPutBackend } from './plan-put-backend.ts';

const who = { author: 'ada', message: 'because' };
const logger = createLogger('test', 'silent');

describe('Intent', () => {
  const clock = new ManualClock();
  let dataDir: string;
  let store: SqliteStore;
  let intent: Intent;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'headgate-intent-'));
    store = await SqliteStore.open({ dataDir, clock });
    intent = await begin(store);
  });
  afterEach(async () => {
    await intent.close();
    await store.close();
    rmSync(dataDir, { recursive: true });
  });

  it('begins with what the store holds', async () => {
    await intent.write(put('a'), who);
    const second = await begin(store);
    expect(contentOf(second.state.value)).toEqual(contentOf(intent.state.value));
    await second.close();
  });

  it('takes what was committed between reading the store and starting', async () => {
    const late = await Intent.create(store, { logger });
    await intent.write(put('a'), who);
    late.start();
    expect(late.state.value.revision).toBe(1);
    await late.close();
  });

  it('includes a write when it resolves', async () => {
    const { epoch } = await store.load();
    const result = await intent.write(put('a'), who);
    expect(result).toMatchObject({ epoch, revision: 1, version: 2, changed: true });
    expect(intent.state.value).toBe(result.state);
    expect(result.state.backends.has('a')).toBe(true);
    expect(await store.commitsSince(1)).toMatchObject([{ ...who, revision: 1 }]);
  });

  it('commits nothing when the plan changes nothing', async () => {
    await intent.write(put('a'), who);
    expect(await intent.write(put('a'), who)).toMatchObject({ revision: 1, version: 2, changed: false });
    expect((await store.load()).revision).toBe(1);
  });

  it('passes on what a plan throws, and goes on', async () => {
    const failure = new Error('not like this');
    await expect(
      intent.write(() => {
        throw failure;
      }, who),
    ).rejects.toBe(failure);
    expect(await intent.write(put('a'), who)).toMatchObject({ revision: 1 });
  });

  it('plans each of many writes on what the one before has left', async () => {
    const sizes: number[] = [];
    const counting =
      (name: string): Plan =>
      (state) => {
        sizes.push(state.backends.size);
        return put(name)(state);
      };
    const results = await Promise.all(['a', 'b', 'c'].map((name) => intent.write(counting(name), who)));
    expect(sizes).toEqual([0, 1, 2]);
    expect(results.map(({ revision, state }) => [revision, state.backends.size])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('shows every commit with its state, in order, once the state includes it', async () => {
    const seen: [number, boolean, number][] = [];
    intent.onCommit((commit: Commit, state: IntentState) => {
      seen.push([commit.revision, intent.state.value === state, state.backends.size]);
    });
    await Promise.all([intent.write(put('a'), who), intent.write(put('b'), who)]);
    await store.commit(2, changeOf('c'));
    expect(seen).toEqual([
      [1, true, 1],
      [2, true, 2],
      [3, true, 3],
    ]);
  });

  it('shows a commit to the others when a listener throws', async () => {
    const seen: number[] = [];
    intent.onCommit(() => {
      throw new Error('a bug');
    });
    intent.onCommit(({ revision }) => seen.push(revision));
    await expect(intent.write(put('a'), who)).resolves.toMatchObject({ revision: 1 });
    expect(seen).toEqual([1]);
  });

  it('shows no more when told to stop', async () => {
    const seen: number[] = [];
    const stop = intent.onCommit(({ revision }) => seen.push(revision));
    await intent.write(put('a'), who);
    stop();
    await intent.write(put('b'), who);
    expect(seen).toEqual([1]);
  });

  it('follows what another replica commits', async () => {
    const other = await begin(store);
    await other.write(put('theirs'), who);
    expect(contentOf(intent.state.value)).toEqual(contentOf(other.state.value));
    await other.close();
  });

  it('plans again when another replica was faster', async () => {
    const planned: number[] = [];
    const plan: Plan = (state) => {
      planned.push(state.revision);
      // Another replica commits between the planning and the commit.
      if (state.revision < 2) void store.commit(state.revision, changeOf(`theirs-${state.revision}`));
      return put('ours')(state);
    };
    expect(await intent.write(plan, who)).toMatchObject({ revision: 3, changed: true });
    expect(planned).toEqual([0, 1, 2]);
    expect([...intent.state.value.backends.keys()].sort()).toEqual(['ours', 'theirs-0', 'theirs-1']);
  });

  it('gives up when another replica is faster every time', async () => {
    const plan: Plan = (state) => {
      void store.commit(state.revision, changeOf(`theirs-${state.revision}`));
      return put('ours')(state);
    };
    await expect(intent.write(plan, who)).rejects.toMatchObject({ code: 'HEADGATE_UNAVAILABLE' });
    expect(intent.state.value.backends.has('ours')).toBe(false);
  });

  it('waits for the faster commit to arrive, for a bounded time', async () => {
    const deaf: Store = wrapped(store, { watch: () => () => undefined });
    const behind = await begin(deaf);
    await intent.write(put('a'), who);
    const write = behind.write(put('b'), who);
    const outcome = expect(write).rejects.toMatchObject({ code: 'HEADGATE_UNAVAILABLE' });
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(5_000);
    await outcome;
    await behind.close();
  });

  it.each([
    ['is full', new StoreFullError('full'), 'HEADGATE_STORE_FULL', 507],
    ['has failed', new StoreFailedError('failed'), 'HEADGATE_UNAVAILABLE', 503],
  ])('says so when the store %s, and is as it was', async (_, error, code, status) => {
    const failing = wrapped(store, { commit: () => Promise.reject(error) });
    const other = await begin(failing);
    await expect(other.write(put('a'), who)).rejects.toMatchObject({ name: 'HeadgateError', code, status });
    expect(other.state.value.revision).toBe(0);
    await other.close();
  });

  it('works when a full store has room again', async () => {
    await intent.write(put('a'), who);
    store.limitBytes(4_096);
    const large: Plan = (state) => planPutBackend(state, { name: 'large', servers: manyServers(5_000) });
    await expect(intent.write(large, who)).rejects.toMatchObject({ code: 'HEADGATE_STORE_FULL' });
    expect(intent.state.value.revision).toBe(1);
    store.limitBytes(undefined);
    expect(await intent.write(large, who)).toMatchObject({ revision: 2 });
    expect(contentOf(loadIntent(await store.load()))).toEqual(contentOf(intent.state.value));
  });

  it('refuses more than a thousand waiting writes', async () => {
    const waiting = Array.from({ length: 1_000 }, () => intent.write(() => ({ objects: [] }), who));
    await expect(intent.write(put('a'), who)).rejects.toMatchObject({ code: 'HEADGATE_UNAVAILABLE' });
    await Promise.all(waiting);
    await expect(intent.write(put('a'), who)).resolves.toMatchObject({ changed: true });
  });

  it('refuses writes before it has started and after it was closed, and finishes those that wait', async () => {
    const other = await Intent.create(store, { logger });
    await expect(other.write(put('a'), who)).rejects.toMatchObject({ code: 'HEADGATE_UNAVAILABLE' });
    other.start();
    const write = other.write(put('a'), who);
    await other.close();
    await expect(write).resolves.toMatchObject({ revision: 1 });
    await expect(other.write(put('b'), who)).rejects.toMatchObject({ code: 'HEADGATE_UNAVAILABLE' });
  });

  async function begin(on: Store): Promise<Intent> {
    const begun = await Intent.create(on, { logger, clock });
    begun.start();
    return begun;
  }
});

function put(name: string): Plan {
  return (state) => planPutBackend(state, { name, servers: [] });
}

function changeOf(name: string): Change {
  return { author: 'replica', message: '', objects: [{ kind: 'backend', name, after: { name } }] };
}

function manyServers(count: number): { address: string; port: number }[] {
  return Array.from({ length: count }, (_, index) => ({ address: `10.0.${index >> 8}.${index & 255}`, port: 80 }));
}

/** The store with some of its methods replaced: a fault between it and its user. */
function wrapped(store: Store, faults: Partial<Store>): Store {
  return {
    load: () => store.load(),
    commit: (expected, change) => store.commit(expected, change),
    commitsSince: (version) => store.commitsSince(version),
    revisions: (page) => store.revisions(page),
    changesBetween: (older, newer) => store.changesBetween(older, newer),
    watch: (from, listener) => store.watch(from, listener),
    commitMembership: (objects) => store.commitMembership(objects),
    loadMembership: () => store.loadMembership(),
    membershipSince: (version) => store.membershipSince(version),
    watchMembership: (listener) => store.watchMembership(listener),
    check: () => store.check(),
    close: () => store.close(),
    ...faults,
  };
}
