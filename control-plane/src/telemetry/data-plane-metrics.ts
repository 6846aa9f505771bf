import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '@headgate/shared/clock';
import type { FleetRegister } from '../fleet/fleet-register.ts';
import type { DataPlaneRecord } from '../fleet/fleet-state.ts';

/** Data planes choose their ids: the number of series is bounded here. */
const MOST_DATA_PLANES = 1_000;

export interface ObservedDataPlanes {
  readonly register: Pick<FleetRegister, 'fleet' | 'lagOf'>;
  readonly clock: Clock;
  /** Data planes that have series of their own. Default 1,000. */
  readonly most?: number;
}

/** Registers gauges of single data planes. Those that are connected come first; the forgotten have none any more. */
export function registerDataPlaneMetrics(registry: Registry, observed: ObservedDataPlanes): void {
  const { register, clock, most = MOST_DATA_PLANES } = observed;
  const gauge = (name: string, help: string, read: (record: DataPlaneRecord) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['data_plane'],
      registers: [registry],
      collect() {
        this.reset();
        for (const record of shown([...register.fleet.value.values()], most)) {
          this.set({ data_plane: record.id }, read(record));
        }
      },
    });
  gauge(
    'headgate_data_plane_version',
    'Version that a data plane serves, for at most 1,000 of them',
    ({ version }) => version,
  );
  gauge(
    'headgate_data_plane_lag_seconds',
    'Since when a newer version than the one that a data plane serves is there, for at most 1,000 of them',
    (record) => (register.lagOf(record)?.ms ?? staleMs(record, clock)) / 1_000,
  );
}

function shown(records: readonly DataPlaneRecord[], most: number): readonly DataPlaneRecord[] {
  if (records.length <= most) return records;
  const gone = records.filter(({ connected }) => !connected);
  return [...records.filter(({ connected }) => connected), ...gone].slice(0, most);
}

/** One that serves another history lags by the time in which it has not followed this one. */
function staleMs({ behindSince }: DataPlaneRecord, clock: Clock): number {
  return behindSince === undefined ? 0 : Math.max(0, clock.now() - behindSince);
}
