import type { Fault } from '@headgate/shared/model/fault';
import type { ObjectChange } from '../store/store.ts';
import { usesByBackend } from './apply-commit.ts';
import type { BackendEntry, IntentState } from './intent-state.ts';
import { countActive } from './server-state.ts';
import { splitServerName } from './server-name.ts';
import { operatorsAlone, type WholeBackend } from './whole-backend.ts';

/** Below this many hosts or servers, most of them may go at once. */
const FEW = 10;

/**
 * Why a change looks like a mistake: it removes more than half of all hosts or of all servers, where there are at least
 * ten, or leaves a backend that hosts still name without servers, or without an active one, though it had some. Empty
 * when it looks like none.
 *
 * What others bring counts as far as `whole` shows it: a server that they bring too stays when operators' own goes.
 *
 * Costs the change; only one that removes many servers has the backends counted, and only backends that lose a server,
 * or have one overridden, are looked at whole.
 */
export function changeGuard(
  state: IntentState,
  objects: readonly ObjectChange[],
  whole: WholeBackend = operatorsAlone,
): readonly Fault[] {
  return [...massRemovals(state, objects), ...deprivedBackends(state, objects, whole)];
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
function deprivedBackends(state: IntentState, objects: readonly ObjectChange[], whole: WholeBackend): readonly Fault[] {
  const faults = [...shrinkingBackends(objects)].flatMap(([name, changes]) => {
    const entry = whole(name, state);
    const fault = entry === undefined ? undefined : deprivation(entry, growthOf(entry, changes));
    return entry === undefined || fault === undefined ? [] : [{ name, usedBy: entry.usedBy, fault }];
  });
  if (faults.length === 0) return [];
  const uses = usesByBackend({ objects });
  // A backend that goes is named by nobody afterwards.
  const used = faults.filter(({ name, usedBy }) => usedBy + (uses.get(name) ?? 0) > 0);
  return used.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ fault }) => fault);
}

/** The changes of servers and overrides of each backend, where one takes something away. */
function* shrinkingBackends(objects: readonly ObjectChange[]): Generator<[string, readonly ObjectChange[]]> {
  const members = objects.filter(({ kind }) => kind === 'server' || kind === 'override');
  for (const [name, changes] of Map.groupBy(members, (change) => splitServerName(change.name).backend)) {
    if (changes.some(takesAway)) yield [name, changes];
  }
}

function takesAway({ kind, after }: ObjectChange): boolean {
  return kind === 'server' ? after === undefined : after !== undefined;
}

function deprivation(entry: BackendEntry, growth: Growth): Fault | undefined {
  const { name } = entry.document;
  if (growth.servers < 0 && entry.servers.size + growth.servers === 0) return emptied(name);
  return growth.active < 0 && countActive(entry) + growth.active === 0 ? deactivated(name) : undefined;
}

/** What changes of a backend's servers and overrides do to it. */
function growthOf(entry: BackendEntry, changes: readonly ObjectChange[]): Growth {
  const growth: Growth = { servers: 0, active: 0 };
  for (const [name, ofServer] of Map.groupBy(changes, (change) => change.name)) {
    const { endpoint } = splitServerName(name);
    const known = entry.servers.get(endpoint);
    const before = { server: known !== undefined, override: entry.overrides.has(endpoint) };
    const after = { ...before };
    for (const change of ofServer) {
      // With sources, others bring it too: operators take their own word back alone.
      if (change.kind === 'server') after.server = change.after !== undefined || known?.sources !== undefined;
      else after.override = change.after !== undefined;
    }
    growth.servers += Number(after.server) - Number(before.server);
    if ((known?.state ?? 'active') === 'active') growth.active += Number(isActive(after)) - Number(isActive(before));
  }
  return growth;
}

function isActive({ server, override }: { readonly server: boolean; readonly override: boolean }): boolean {
  return server && !override;
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
