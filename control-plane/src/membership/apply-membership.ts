import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import { ShardedMap } from '@headgate/shared/sharded-map';
import { applyCommit, sortedByKey } from '../intent/apply-commit.ts';
import { loadIntent } from '../intent/load-intent.ts';
import { splitServerName } from '../intent/server-name.ts';
import type { IntentKind, MembershipCommit, OwnedChange, OwnedKind, StoredMembership } from '../store/store.ts';
import {
  layerNames,
  type BackendMembers,
  type LayerName,
  type LayerState,
  type MembershipState,
} from './membership-state.ts';
import type { Member } from './membership-writer.ts';

const noLayer: LayerState = loadIntent({ epoch: '', revision: 0, version: 0, objects: [] });

/** What a store holds of layers and members. @throws Error when it does not fit together. */
export function loadMembership({ version, owned }: StoredMembership): MembershipState {
  const empty: MembershipState = {
    version,
    layers: { file: noLayer, redis: noLayer, posted: noLayer },
    members: ShardedMap.empty(),
    shelved: undefined,
  };
  const objects = owned.map(({ document, ...key }) => ({ ...key, after: document }));
  return applyMembership(empty, { version, objects });
}

/**
 * The state after a change of membership; the one before stays as it is. Costs O(change), and a copy of the members of
 * each backend where they change.
 *
 * @throws Error when the change does not fit the state: a bug.
 */
export function applyMembership(state: MembershipState, { version, objects }: MembershipCommit): MembershipState {
  const shelved = objects.find(({ kind }) => kind === 'shelved');
  return {
    version,
    layers: applyToLayers(state.layers, objects),
    members: applyToMembers(state.members, objects),
    shelved: shelved === undefined ? state.shelved : (shelved.after as ConfigurationDocument | undefined),
  };
}

function applyToLayers(layers: MembershipState['layers'], objects: readonly OwnedChange[]): MembershipState['layers'] {
  const after: Record<LayerName, LayerState> = { ...layers };
  for (const name of layerNames) {
    const own = objects.filter(({ owner, kind }) => owner === name && isOfLayer(kind));
    if (own.length > 0) after[name] = applyToLayer(layers[name], own);
  }
  return after;
}

function applyToLayer(layer: LayerState, objects: readonly OwnedChange[]): LayerState {
  const [revision, version] = [layer.revision + 1, layer.version + 1];
  const changes = objects.map(({ kind, name, before, after }) => ({ kind: kind as IntentKind, name, before, after }));
  return applyCommit(layer, { revision, version, at: 0, author: '', message: '', objects: changes });
}

function isOfLayer(kind: OwnedKind): boolean {
  return kind === 'backend' || kind === 'server' || kind === 'host';
}

function applyToMembers(
  members: ShardedMap<BackendMembers>,
  objects: readonly OwnedChange[],
): ShardedMap<BackendMembers> {
  const changes = objects.filter(({ kind }) => kind === 'member');
  if (changes.length === 0) return members;
  const draft = members.edit();
  for (const [backend, own] of Map.groupBy(changes, ({ name }) => splitServerName(name).backend)) {
    const after = applyToBackend(draft.get(backend) ?? new Map(), own);
    if (after.size === 0) draft.delete(backend);
    else draft.set(backend, after);
  }
  return draft.done();
}

function applyToBackend(members: BackendMembers, changes: readonly OwnedChange[]): BackendMembers {
  const after = new Map(members);
  for (const { name, owner, after: member } of changes) {
    const { endpoint } = splitServerName(name);
    const owners = new Map(after.get(endpoint));
    if (member === undefined) owners.delete(owner);
    else owners.set(owner, member as Member);
    if (owners.size === 0) after.delete(endpoint);
    else after.set(endpoint, owners);
  }
  return after.size > members.size ? sortedByKey(after) : after;
}
