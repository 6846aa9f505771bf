import type { BackendSettingsDocument } from '@headgate/shared/model/backend';
import { backendNamesOf, routesOf, type HostDocument } from '@headgate/shared/model/host';
import type { OverrideDocument } from '@headgate/shared/model/override';
import type { ShardedMap, ShardedMapDraft } from '@headgate/shared/sharded-map';
import type { Commit, IntentKind, ObjectChange } from '../store/store.ts';
import type { BackendEntry, IntentState, Revised, ServerEntry } from './intent-state.ts';
import { splitServerName } from './server-name.ts';

/**
 * The state after a commit; the one before stays as it is. Costs O(change), and a copy of the map of servers, or of
 * overrides, of each backend where they change.
 *
 * A backend's revision moves by its own change only: the one that changes a server names the backend too.
 *
 * @throws Error when the commit does not follow the state or does not fit it: a bug, or a store that lies.
 */
export function applyCommit(state: IntentState, commit: Commit): IntentState {
  if (commit.revision !== state.revision + 1) {
    throw new Error(`revision ${commit.revision} does not follow revision ${state.revision}`);
  }
  const backends = applyToBackends(state, commit);
  return {
    epoch: state.epoch,
    revision: commit.revision,
    version: commit.version,
    backends,
    hosts: applyToHosts(state.hosts, commit),
    looseOverrides: applyToLoose(state.looseOverrides, { commit, backends }),
  };
}

/** Overrides of backends that are not operators' own before or after; those of a backend that becomes theirs move there. */
function applyToLoose(
  before: IntentState['looseOverrides'],
  { commit, backends }: { readonly commit: Commit; readonly backends: IntentState['backends'] },
): IntentState['looseOverrides'] {
  const joined = [...before.keys()].filter((name) => backends.has(name));
  const written = Map.groupBy(ofKind(commit.objects, 'override'), ({ name }) => splitServerName(name).backend);
  const loose = [...written].filter(([name]) => !backends.has(name));
  if (joined.length === 0 && loose.length === 0) return before;
  const after = new Map(before);
  for (const name of joined) after.delete(name);
  for (const [name, changes] of loose) {
    const overrides = withMembers<Revised<OverrideDocument>>(before.get(name) ?? new Map(), {
      changes,
      revision: commit.revision,
    });
    if (overrides.size === 0) after.delete(name);
    else after.set(name, overrides);
  }
  return after;
}

function applyToHosts(hosts: ShardedMap<Revised<HostDocument>>, commit: Commit): ShardedMap<Revised<HostDocument>> {
  const changes = commit.objects.filter((change) => change.kind === 'host');
  if (changes.length === 0) return hosts;
  const draft = hosts.edit();
  for (const { name, after } of changes) {
    if (after === undefined) draft.delete(name);
    else draft.set(name, { document: after as HostDocument, revision: commit.revision });
  }
  return draft.done();
}

/** Settings before servers and overrides, those before uses, in whatever order the commit names them. */
function applyToBackends({ backends, looseOverrides }: IntentState, commit: Commit): ShardedMap<BackendEntry> {
  const draft = backends.edit();
  for (const change of commit.objects) {
    if (change.kind === 'backend') applySettings(draft, change, { revision: commit.revision, looseOverrides });
  }
  for (const [name, changes] of memberChangesByBackend(commit)) applyMembers(draft, name, { changes, commit });
  for (const [name, delta] of usesByBackend(commit)) applyUses(draft, name, delta);
  return draft.done();
}

interface SettingsWritten extends Pick<IntentState, 'looseOverrides'> {
  readonly revision: number;
}

function applySettings(
  draft: ShardedMapDraft<BackendEntry>,
  { name, after }: ObjectChange,
  { revision, looseOverrides }: SettingsWritten,
): void {
  const before = draft.get(name);
  if (after === undefined) draft.delete(name);
  else {
    const waiting = looseOverrides.get(name) ?? noMembers.overrides;
    const { servers, overrides, usedBy } = before ?? { ...noMembers, overrides: waiting, usedBy: 0 };
    draft.set(name, { document: after as BackendSettingsDocument, revision, servers, overrides, usedBy });
  }
}

const noMembers: Pick<BackendEntry, 'servers' | 'overrides'> = { servers: new Map(), overrides: new Map() };

/** The changes of servers and overrides. */
function memberChangesByBackend(commit: Commit): ReadonlyMap<string, readonly ObjectChange[]> {
  const members = commit.objects.filter(({ kind }) => kind === 'server' || kind === 'override');
  return Map.groupBy(members, (change) => splitServerName(change.name).backend);
}

interface MemberChanges {
  readonly changes: readonly ObjectChange[];
  readonly commit: Commit;
}

function applyMembers(draft: ShardedMapDraft<BackendEntry>, name: string, { changes, commit }: MemberChanges): void {
  const backend = draft.get(name);
  if (backend === undefined) {
    // The backend has gone in this commit, and its servers with it; or it never was operators' own, whose word stands loose.
    if (changes.every((change) => change.kind === 'override' || change.after === undefined)) return;
    throw new Error(`a server of the backend ${name} is changed, which does not exist`);
  }
  const { revision } = commit;
  const [servers, overrides] = [ofKind(changes, 'server'), ofKind(changes, 'override')];
  draft.set(name, {
    ...backend,
    servers: withMembers<ServerEntry>(backend.servers, { changes: servers, revision }),
    overrides: withMembers<Revised<OverrideDocument>>(backend.overrides, { changes: overrides, revision }),
  });
}

function ofKind(changes: readonly ObjectChange[], kind: IntentKind): readonly ObjectChange[] {
  return changes.filter((change) => change.kind === kind);
}

/** The map itself when nothing of it changes. */
function withMembers<T extends Revised<unknown>>(
  before: ReadonlyMap<string, T>,
  { changes, revision }: { readonly changes: readonly ObjectChange[]; readonly revision: number },
): ReadonlyMap<string, T> {
  if (changes.length === 0) return before;
  const members = new Map(before);
  for (const change of changes) {
    const { endpoint } = splitServerName(change.name);
    if (change.after === undefined) members.delete(endpoint);
    else members.set(endpoint, { document: change.after, revision } as T);
  }
  const added = changes.some((change) => change.after !== undefined && change.before === undefined);
  return added ? sortedByKey(members) : members;
}

/** How many hosts more, or fewer, name each backend after a change. */
export function usesByBackend(change: Pick<Commit, 'objects'>): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { kind, before, after } of change.objects) {
    if (kind !== 'host') continue;
    for (const name of backendsOf(before as HostDocument | undefined)) uses.set(name, (uses.get(name) ?? 0) - 1);
    for (const name of backendsOf(after as HostDocument | undefined)) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return uses;
}

function applyUses(draft: ShardedMapDraft<BackendEntry>, name: string, delta: number): void {
  const backend = draft.get(name);
  if (delta === 0) return;
  if (backend !== undefined) draft.set(name, { ...backend, usedBy: backend.usedBy + delta });
  else if (delta > 0) throw new Error(`a host names the backend ${name}, which does not exist`);
}

/** The backends that a host names, each once. */
export function backendsOf(host: HostDocument | undefined): ReadonlySet<string> {
  return new Set(host === undefined ? [] : routesOf(host).flatMap(backendNamesOf));
}

/** Insertion order is what readers see: it is the order of the keys. */
export function sortedByKey<V>(map: ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
