import { stateBy } from '@headgate/shared/model/override';
import { serverStates, type ServerState } from '@headgate/shared/model/server';
import type { BackendEntry, IntentState } from './intent-state.ts';

/** What is wanted of a server of this backend, whether it is there or not: the most restrictive word of all who have one. */
export function serverState(
  { overrides, servers }: Pick<BackendEntry, 'overrides' | 'servers'>,
  endpoint: string,
): ServerState {
  return mostRestrictive(stateBy(overrides.get(endpoint)?.document), servers.get(endpoint)?.state ?? 'active');
}

export function mostRestrictive(a: ServerState, b: ServerState): ServerState {
  return serverStates.indexOf(a) > serverStates.indexOf(b) ? a : b;
}

/** How many of a backend's servers take new requests. Costs as much as it has servers. */
export function countActive(entry: Pick<BackendEntry, 'servers' | 'overrides'>): number {
  let active = 0;
  for (const endpoint of entry.servers.keys()) if (serverState(entry, endpoint) === 'active') active++;
  return active;
}

type Overridden = Pick<IntentState, 'backends' | 'looseOverrides'>;

/** Where overrides of one backend are looked up. */
interface OverrideLookup extends Pick<IntentState, 'looseOverrides'> {
  readonly backends: Pick<IntentState['backends'], 'get'>;
}

/** What operators want of the servers of a backend, whoever owns it, by `address:port`. */
export function overridesOf({ backends, looseOverrides }: OverrideLookup, backend: string): BackendEntry['overrides'] {
  return backends.get(backend)?.overrides ?? looseOverrides.get(backend) ?? none;
}

const none: BackendEntry['overrides'] = new Map();

/** All overrides, by backend and `address:port`. */
function* allOverrides({ backends, looseOverrides }: Overridden): Generator<[string, BackendEntry['overrides']]> {
  for (const [backend, { overrides }] of backends.entries()) yield [backend, overrides];
  for (const [backend, overrides] of looseOverrides) if (!backends.has(backend)) yield [backend, overrides];
}

/** The names of all overrides, `backend/address:port`, in order. */
export function overrideNames(state: Overridden): readonly string[] {
  const names: string[] = [];
  for (const [backend, overrides] of allOverrides(state)) {
    for (const endpoint of overrides.keys()) names.push(`${backend}/${endpoint}`);
  }
  return names.sort();
}

/** How many overrides there are, by state. */
export function countOverrides(state: Overridden): ReadonlyMap<ServerState, number> {
  const counts = new Map<ServerState, number>([
    ['draining', 0],
    ['disabled', 0],
  ]);
  for (const [, overrides] of allOverrides(state)) {
    for (const { document } of overrides.values()) counts.set(document.state, counts.get(document.state)! + 1);
  }
  return counts;
}
