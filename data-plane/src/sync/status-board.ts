import type { Welcome } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { Clock } from '@headgate/shared/clock';
import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import { sameSnapshot, type SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { Registry } from 'prom-client';
import type { Faults } from './fault-list.ts';
import { createSyncMetrics, type SyncMetrics } from './sync-metrics.ts';
import { statusAtStart, type SyncStatus } from './sync-status.ts';

export interface StatusBoardOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** The same failure is logged again after so long. */
const REPEAT_MS = 60_000;

/** Puts down what happens between this data plane and its control planes: as status, in the log and in metrics. */
export class StatusBoard {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #status: LatestValue<SyncStatus>;
  readonly #metrics: SyncMetrics;
  #logged = { reason: '', at: -REPEAT_MS };
  /** How stale it was at a moment of the monotonic clock: the wall clock may jump meanwhile. */
  #stale: { readonly ageMs: number; readonly at: number } | undefined;

  constructor(options: StatusBoardOptions) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#status = new LatestValue(statusAtStart(options.clock.now()));
    this.#stale = { ageMs: 0, at: options.clock.monotonic() };
    this.#metrics = createSyncMetrics(options.registry, { status: this.#status, clock: options.clock });
  }

  get status(): ReadableValue<SyncStatus> {
    return this.#status;
  }

  /** For how long it is not sure that what is served is the newest, in milliseconds; undefined while it is. */
  get staleForMs(): number | undefined {
    return this.#stale && this.#stale.ageMs + this.#clock.monotonic() - this.#stale.at;
  }

  /** A disk copy is served, written at `savedAt` (Unix time in milliseconds). */
  restored(id: SnapshotId, savedAt: number): void {
    this.#change({ id, source: 'disk', appliedAt: savedAt, staleSince: savedAt });
  }

  connecting(address: string): void {
    this.#change({ controlPlane: address });
  }

  welcomed(welcome: Welcome): void {
    const { id, controlPlane, staleSince } = this.#status.value;
    const newest = sameSnapshot(id, welcome) && !welcome.updateFollows;
    const synchronised = this.#status.value.synchronised || !welcome.updateFollows;
    const confirmed = this.#status.value.confirmed || newest;
    this.#metrics.attempts.inc({ result: 'welcomed' });
    this.#logger.info({ controlPlane, epoch: welcome.epoch, version: welcome.version }, 'connected to a control plane');
    const since = newest ? undefined : (staleSince ?? this.#clock.now());
    this.#change({ connected: true, synchronised, confirmed, staleSince: since });
  }

  /** A snapshot has come over the stream and is served. */
  applied(id: SnapshotId, full: boolean): void {
    const now = this.#clock.now();
    const staleSince = this.#status.value.connected ? undefined : now;
    this.#metrics.updates.inc({ result: full ? 'full' : 'delta' });
    this.#logger.debug({ id, full }, 'a snapshot is served');
    this.#change({ id, source: 'stream', appliedAt: now, synchronised: true, confirmed: true, staleSince });
  }

  /** A snapshot has come over the stream and the one before is served on. */
  refused(id: SnapshotId, faults: Faults): void {
    const now = this.#clock.now();
    const staleSince = this.#status.value.staleSince ?? now;
    this.#metrics.updates.inc({ result: 'refused' });
    this.#logger.error({ id, faults }, 'a snapshot was refused; the last good one is served on');
    this.#change({ synchronised: true, staleSince, lastNack: { id, at: now, faults } });
  }

  /** An attempt has failed, or a stream has ended. */
  disconnected(address: string, reason: string): void {
    const { connected, staleSince } = this.#status.value;
    const now = this.#clock.now();
    if (!connected) this.#metrics.attempts.inc({ result: 'failed' });
    this.#log(address, reason);
    this.#change({
      connected: false,
      controlPlaneMissed: true,
      staleSince: staleSince ?? now,
      lastError: { at: now, reason },
    });
  }

  #log(address: string, reason: string): void {
    const now = this.#clock.monotonic();
    const again = reason === this.#logged.reason && now - this.#logged.at < REPEAT_MS;
    const fields = { controlPlane: address, reason };
    if (again) return this.#logger.debug(fields, 'no stream to a control plane');
    this.#logged = { reason, at: now };
    this.#logger.warn(fields, 'no stream to a control plane; what was last received is served on');
  }

  #change(change: Partial<SyncStatus>): void {
    if ('staleSince' in change) this.#age(change.staleSince);
    this.#status.set({ ...this.#status.value, ...change });
  }
  #age(staleSince: number | undefined): void {
    if (staleSince === undefined) this.#stale = undefined;
    else if (this.#stale === undefined || staleSince !== this.#status.value.staleSince) {
      this.#stale = { ageMs: Math.max(0, this.#clock.now() - staleSince), at: this.#clock.monotonic() };
    }
  }
}
