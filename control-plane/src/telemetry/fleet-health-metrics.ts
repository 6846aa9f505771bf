import type { ReadableValue } from '@headgate/shared/latest-value';
import { Gauge, type Registry } from 'prom-client';
import type { FleetHealth } from '../fleet/fleet-health.ts';
import { standings, type Standing } from '../fleet/standing.ts';
import type { IntentState } from '../intent/intent-state.ts';

/** Operators choose the names of backends, and may have very many: the number of series is bounded here. */
const MOST_BACKENDS = 200;

export interface ObservedHealth {
  readonly health: Pick<FleetHealth, 'backends' | 'counts'>;
  readonly intent: ReadableValue<Pick<IntentState, 'backends'>>;
  /** Backends that have series of their own, one for each status. Default 200. */
  readonly most?: number;
}

/** Registers gauges of what the fleet says of servers. Backends with servers that are not healthy come first. */
export function registerFleetHealthMetrics(registry: Registry, observed: ObservedHealth): void {
  const { health, intent, most = MOST_BACKENDS } = observed;
  new Gauge({
    name: 'headgate_fleet_servers',
    help: 'Servers by what all data planes together say: healthy, unhealthy and ejected are agreed on; disputed, flapping, unknown',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      const sums = new Map<Standing, number>();
      for (const backend of intent.value.backends.keys()) {
        const counts = health.counts(backend);
        for (const standing of standings) sums.set(standing, (sums.get(standing) ?? 0) + counts[standing]);
      }
      for (const status of standings) this.set({ status }, sums.get(status) ?? 0);
    },
  });
  new Gauge({
    name: 'headgate_fleet_backend_servers',
    help: 'The same by backend, for at most 200 of them; those with servers that are not healthy come first',
    labelNames: ['backend', 'status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const backend of shown({ health, intent, most })) {
        const counts = health.counts(backend);
        for (const status of standings) this.set({ backend, status }, counts[status]);
      }
    },
  });
  new Gauge({
    name: 'headgate_fleet_backends_without_series',
    help: 'Backends that headgate_fleet_backend_servers leaves out',
    registers: [registry],
    collect() {
      this.set(Math.max(0, intent.value.backends.size - most));
    },
  });
}

function shown({ health, intent, most }: Required<ObservedHealth>): readonly string[] {
  const { backends } = intent.value;
  const names = new Set([...health.backends()].filter((name) => backends.has(name)).sort());
  if (names.size < most) for (const name of [...backends.keys()].sort()) names.add(name);
  return [...names].slice(0, most);
}
