import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { SyncStatus } from './sync-status.ts';

/** What the sync room counts. */
export interface SyncMetrics {
  readonly updates: Counter<'result'>;
  readonly attempts: Counter<'result'>;
}

export interface SyncMetricsSource {
  readonly status: ReadableValue<SyncStatus>;
  readonly clock: Clock;
}

/** Registers the metrics of how this data plane stands to its control plane. */
export function createSyncMetrics(registry: Registry, { status, clock }: SyncMetricsSource): SyncMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('headgate_control_plane_connected', '1 while a stream to a control plane stands', () =>
    status.value.connected ? 1 : 0,
  );
  gauge(
    'headgate_snapshot_version',
    'Version of the snapshot that is served, 0 when there is none',
    () => status.value.id.version,
  );
  gauge(
    'headgate_snapshot_age_seconds',
    'Since when it is not sure that what is served is the newest, 0 while it is',
    () => {
      const { staleSince } = status.value;
      return staleSince === undefined ? 0 : Math.max(0, clock.now() - staleSince) / 1_000;
    },
  );
  return {
    updates: new Counter({
      name: 'headgate_snapshot_updates_total',
      help: 'Updates from the control plane, by result: full, delta or refused',
      labelNames: ['result'],
      registers,
    }),
    attempts: new Counter({
      name: 'headgate_control_plane_attempts_total',
      help: 'Attempts to reach a control plane, by result: welcomed or failed',
      labelNames: ['result'],
      registers,
    }),
  };
}
