import type { ServerSource } from '@headgate/shared/model/server-resource';
import type { HostDocument } from '@headgate/shared/model/host';
import type { BackendEntry, IntentState, Revised, ServerEntry } from '../intent/intent-state.ts';
import { mostRestrictive, overridesOf } from '../intent/server-state.ts';
import { layerOf } from '../membership/layer-of.ts';
import type { BackendMembers, MembershipState } from '../membership/membership-state.ts';
import { sourceOf } from '../membership/source-of.ts';

/** What is wanted, by who wants it. */
export interface Wishes {
  readonly intent: IntentState;
  readonly membership: MembershipState;
}

/**
 * A backend with all its servers, whoever brought them; undefined where nobody has written a backend of that name.
 *
 * A name belongs to one layer: operators', else the first document layer that has it. A server that several bring is one
 * server: its document is that of the layer, else of its registration, else of the first that has discovered it, and its
 * state the most restrictive that any of them wants. Members of a backend that nobody has written wait.
 */
export function mergeBackend(name: string, { intent, membership }: Wishes): BackendEntry | undefined {
  const own = intent.backends.get(name);
  const members = membership.members.get(name);
  if (own !== undefined) return members === undefined ? own : { ...own, servers: mergeServers(own, members) };
  const layer = layerOf(membership, (state) => state.backends.has(name));
  if (layer === undefined) return undefined;
  const entry = membership.layers[layer].backends.get(name)!;
  const servers = members === undefined ? entry.servers : mergeServers({ ...entry, layer }, members);
  return { ...entry, layer, servers, overrides: overridesOf(intent, name) };
}

/** A host, whoever wrote it; undefined where nobody has. */
export function mergeHost(pattern: string, { intent, membership }: Wishes): Revised<HostDocument> | undefined {
  const own = intent.hosts.get(pattern);
  const layer = own === undefined ? layerOf(membership, (state) => state.hosts.has(pattern)) : undefined;
  return layer === undefined ? own : membership.layers[layer].hosts.get(pattern);
}

/** Operators' own first, then registrations, then what was discovered, in the order of owners' names. */
function rankOf(owner: string): number {
  return sourceOf(owner) === 'registration' ? 0 : 1;
}

function mergeServers(entry: BackendEntry, members: BackendMembers): BackendEntry['servers'] {
  const merged = new Map<string, ServerEntry>(entry.servers);
  for (const [endpoint, owners] of members) merged.set(endpoint, mergeServer(entry, endpoint, owners));
  if (merged.size === entry.servers.size) return merged;
  return new Map([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}

type Owners = BackendMembers extends ReadonlyMap<string, infer T> ? T : never;

function mergeServer(entry: BackendEntry, endpoint: string, owners: Owners): ServerEntry {
  const brought = [...owners].sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  const written = entry.servers.get(endpoint);
  const first = brought[0]![1];
  const sources = brought.map(([owner]) => sourceOf(owner));
  const base = written ?? { document: first.document, revision: 0 };
  return {
    ...base,
    sources: [...new Set(written === undefined ? sources : [staticSource(entry), ...sources])],
    state: brought.reduce((state, [, member]) => mostRestrictive(state, member.state), base.state ?? 'active'),
  };
}

/** Who wrote the servers of a backend's own document. */
export function staticSource({ layer }: Pick<BackendEntry, 'layer'>): ServerSource {
  return layer === undefined ? 'static' : sourceOf(layer);
}
