import { stateBy } from '@headgate/shared/model/override';
import type { ServerState } from '@headgate/shared/model/server';
import type { BackendEntry, IntentState } from './intent-state.ts';

/** What operators want of a server of this backend, whether it is there or not. */
export function serverState({ overrides }: Pick<BackendEntry, 'overrides'>, endpoint: string): ServerState {
  return stateBy(overrides.get(endpoint)?.document);
}

/** How many of a backend's servers take new requests. Costs as much as it has overrides. */
export function countActive({ servers, overrides }: Pick<BackendEntry, 'servers' | 'overrides'>): number {
  let inactive = 0;
  for (const endpoint of overrides.keys()) if (servers.has(endpoint)) inactive++;
  return servers.size - inactive;
}

/** The names of all overrides, `backend/address:port`, in order. */
export function overrideNames({ backends }: Pick<IntentState, 'backends'>): readonly string[] {
  const names: string[] = [];
  for (const [backend, { overrides }] of backends.entries()) {
    for (const endpoint of overrides.keys()) names.push(`${backend}/${endpoint}`);
  }
  return names.sort();
}

/** How many overrides there are, by state. */
export function countOverrides({ backends }: Pick<IntentState, 'backends'>): ReadonlyMap<ServerState, number> {
  const counts = new Map<ServerState, number>([
    ['draining', 0],
    ['disabled', 0],
  ]);
  for (const { overrides } of backends.values()) {
    for (const { document } of overrides.values()) counts.set(document.state, counts.get(document.state)! + 1);
  }
  return counts;
}
