import type { Fault } from '@headgate/shared/model/fault';
import type { ObjectChange } from '../store/store.ts';
import { usesByBackend } from './apply-commit.ts';
import type { IntentState } from './intent-state.ts';
import { splitServerName } from './server-name.ts';

/** Below this many hosts or servers, most of them may go at once. */
const FEW = 10;

/**
 * Why a change looks like a mistake: it removes more than half of all hosts or of all servers, where there are at least
 * ten, or empties a backend that had servers and that hosts still name. Empty when it looks like none.
 *
 * Costs the change; only one that removes many servers has the backends counted.
 */
export function changeGuard(state: IntentState, objects: readonly ObjectChange[]): readonly Fault[] {
  return [...massRemovals(state, objects), ...emptiedBackends(state, objects).map(emptied)];
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

/** The backends that have servers now, will have none, stay, and are named by a host afterwards. */
function emptiedBackends(state: IntentState, objects: readonly ObjectChange[]): readonly string[] {
  const growth = new Map<string, number>();
  for (const { kind, name, before, after } of objects) {
    if (kind !== 'server') continue;
    const { backend } = splitServerName(name);
    growth.set(backend, (growth.get(backend) ?? 0) + Number(after !== undefined) - Number(before !== undefined));
  }
  const candidates = [...growth].filter(([name, by]) => by < 0 && state.backends.get(name)?.servers.size === -by);
  if (candidates.length === 0) return [];
  const uses = usesByBackend({ objects });
  // A backend that goes is named by nobody afterwards.
  return candidates
    .map(([name]) => name)
    .filter((name) => usesAfter(state, uses, name) > 0)
    .sort();
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
