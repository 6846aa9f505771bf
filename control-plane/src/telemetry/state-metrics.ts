import type { ReadableValue } from '@headgate/shared/latest-value';
import { Gauge, type Registry } from 'prom-client';
import type { DataPlaneState, ReadableFleet } from '../fleet/fleet-state.ts';
import { stateOf } from '../fleet/state-of.ts';
import type { IntentState } from '../intent/intent-state.ts';
import { countOverrides } from '../intent/server-state.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** What is looked at when metrics are asked for. */
export interface ObservedState {
  readonly intent: ReadableValue<IntentState>;
  readonly newest: ReadableValue<Snapshot>;
  readonly fleet: ReadableFleet;
}

const states: readonly DataPlaneState[] = ['live', 'lagging', 'rejected', 'gone'];

/** Registers gauges that read the state of the control plane when they are asked for. */
export function registerStateMetrics(registry: Registry, { intent, newest, fleet }: ObservedState): void {
  const register = { registers: [registry] };
  gauge(register, 'headgate_revision', 'Revision of the configuration', () => intent.value.revision);
  gauge(register, 'headgate_version', 'Version that data planes are to serve', () => newest.value.id.version);
  gauge(register, 'headgate_backends', 'Backends of the configuration', () => intent.value.backends.size);
  gauge(register, 'headgate_hosts', 'Hosts of the configuration', () => intent.value.hosts.size);
  new Gauge({
    ...register,
    name: 'headgate_overrides',
    help: 'Servers that operators have made draining or disabled, absent ones included, by state',
    labelNames: ['state'],
    collect() {
      for (const [state, count] of countOverrides(intent.value)) this.set({ state }, count);
    },
  });
  gauge(register, 'headgate_snapshot_objects', 'Objects of the newest snapshot', () => newest.value.objects.size);
  new Gauge({
    ...register,
    name: 'headgate_data_planes',
    help: 'Data planes that are or were connected, by state',
    labelNames: ['state'],
    collect() {
      const records = [...fleet.value.values()];
      const counts = Map.groupBy(records, (record) => stateOf(record, newest.value.id));
      for (const state of states) this.set({ state }, counts.get(state)?.length ?? 0);
    },
  });
}

function gauge(register: { readonly registers: Registry[] }, name: string, help: string, read: () => number): void {
  new Gauge({
    ...register,
    name,
    help,
    collect() {
      this.set(read());
    },
  });
}
