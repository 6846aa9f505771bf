import type { Fault } from '@headgate/shared/model/fault';
import type { ObjectChange } from '../store/store.ts';
import { usesByBackend } from './apply-commit.ts';
import type { BackendEntry, IntentState } from './intent-state.ts';
import { countActive } from './server-state.ts';
import { splitServerName } from './server-name.ts';

/** Below this many hosts or servers, most of them may go at once. */
const FEW = 10;

/**
 * Why a change looks like a mistake: it removes more than half of all hosts or of all servers, where there are at least
 * ten, or leaves a backend that hosts still name without servers, or without an active one, though it had some. Empty
 * when it looks like none.
 *
 * Costs the change; only one that removes many servers has the backends counted.
 */
export function changeGuard(state: IntentState, objects: readonly ObjectChange[]): readonly Fault[] {
  return [...massRemovals(state, objects), ...deprivedBackends(state, objects)];
}

function massRemovals(state: IntentState, objects: readonly ObjectChange[]): readonly Fault[] {
  const reasons: Fault[] = [];
  const hosts = countRemoved(objects, 'host');
  if (isMost(hosts, state.hosts.size)) reasons.push(removesMost('hosts', hosts, state.hosts.size));
  const servers = countRemoved(objects, 'server');
  // Fewer are never most of ten: the servers of all backends need not be counted.
  const present = servers * 2 > FEW ? countServers(state) : 0;
  if (isMost(servers, present)) reasons.push(removesMost('servers', servers, present));
  return reasons;
}

function countRemoved(objects: readonly ObjectChange[], kind: 'host' | 'server'): number {
  return objects.filter((object) => object.kind === kind && object.after === undefined).length;
}

function countServers(state: IntentState): number {
  let count = 0;
  for (const { servers } of state.backends.values()) count += servers.size;
  return count;
}

function isMost(removed: number, present: number): boolean {
  return present >= FEW && removed * 2 > present;
}

/** How many servers more, or fewer, a backend has after a change, and how many of them take new requests. */
interface Growth {
  servers: number;
  active: number;
}

/** Backends that have servers now, or active ones, and will have none, stay, and are named by a host afterwards. */
function deprivedBackends(state: IntentState, objects: readonly ObjectChange[]): readonly Fault[] {
  const shrinking = [...growthByBackend(state, objects)].filter(([, { servers, active }]) => servers < 0 || active < 0);
  const faults = shrinking.flatMap(([name, growth]) => {
    const entry = state.backends.get(name);
    const fault = entry === undefined ? undefined : deprivation(entry, growth);
    return fault === undefined ? [] : [{ name, fault }];
  });
  if (faults.length === 0) return [];
  const uses = usesByBackend({ objects });
  // A backend that goes is named by nobody afterwards.
  const used = faults.filter(({ name }) => usesAfter(state, uses, name) > 0);
  return used.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ fault }) => fault);
}

function deprivation(entry: BackendEntry, growth: Growth): Fault | undefined {
  const { name } = entry.document;
  if (growth.servers < 0 && entry.servers.size + growth.servers === 0) return emptied(name);
  return growth.active < 0 && countActive(entry) + growth.active === 0 ? deactivated(name) : undefined;
}

/** What a change does to each backend whose servers or overrides it names. */
function growthByBackend({ backends }: IntentState, objects: readonly ObjectChange[]): ReadonlyMap<string, Growth> {
  const members = objects.filter(({ kind }) => kind === 'server' || kind === 'override');
  const growths = new Map<string, Growth>();
  for (const [name, changes] of Map.groupBy(members, (change) => change.name)) {
    const { backend, endpoint } = splitServerName(name);
    const entry = backends.get(backend);
    const before = { server: entry?.servers.has(endpoint) === true, override: entry?.overrides.has(endpoint) === true };
    const after = { ...before };
    for (const change of changes) after[change.kind as 'server' | 'override'] = change.after !== undefined;
    const growth = growths.get(backend) ?? { servers: 0, active: 0 };
    growth.servers += Number(after.server) - Number(before.server);
    growth.active += Number(isActive(after)) - Number(isActive(before));
    growths.set(backend, growth);
  }
  return growths;
}

function isActive({ server, override }: { readonly server: boolean; readonly override: boolean }): boolean {
  return server && !override;
}

function usesAfter(state: IntentState, uses: ReadonlyMap<string, number>, name: string): number {
  return (state.backends.get(name)?.usedBy ?? 0) + (uses.get(name) ?? 0);
}

function removesMost(noun: 'hosts' | 'servers', removed: number, present: number): Fault {
  return {
    pointer: '',
    code: `removes_most_${noun}`,
    detail: `it removes ${removed.toLocaleString('en-US')} of ${present.toLocaleString('en-US')} ${noun}`,
    fix: 'look at the diff with ?dryRun=true; if it is meant, send ?force=true',
  };
}

function emptied(backend: string): Fault {
  return {
    pointer: '',
    code: 'empties_backend',
    detail: `it leaves the backend ${backend} without servers, and hosts name it`,
    fix: 'point its hosts to another backend first; if it is meant, send ?force=true',
  };
}

function deactivated(backend: string): Fault {
  return {
    pointer: '',
    code: 'deactivates_backend',
    detail: `it leaves the backend ${backend} without an active server, and hosts name it`,
    fix: 'make another of its servers active first; if it is meant, send ?force=true',
  };
}
