import { encodeObject, type EncodedObject } from '@headgate/proto/object-codec';
import type { ShardedMapDraft } from '@headgate/shared/sharded-map';
import type { SetDigest } from '@headgate/shared/snapshot/set-digest';
import type { ObjectKey } from '@headgate/shared/snapshot/snapshot-object';
import type { IntentState } from '../intent/intent-state.ts';
import type { IntentKind } from '../store/store.ts';
import { intentObject, snapshotKey } from './intent-objects.ts';
import type { Snapshot } from './snapshot.ts';

/** A snapshot, and what it changed about the one before. */
export interface BuiltSnapshot {
  readonly snapshot: Snapshot;
  /** Added, replaced or removed; what was written but means the same to data planes is not among them. */
  readonly changed: ReadonlySet<ObjectKey>;
}

/** A version, and the objects that may differ from the version before. */
export interface SnapshotChange {
  readonly version: number;
  readonly objects: readonly ChangedObject[];
}

interface ChangedObject {
  readonly kind: IntentKind;
  readonly name: string;
}

interface Draft {
  readonly objects: ShardedMapDraft<EncodedObject>;
  readonly digest: SetDigest;
  readonly changed: Set<ObjectKey>;
}

/**
 * The snapshot after a change. Pure, and its cost is that of the change, whatever the size of the whole.
 * `desired` is the state that the change has led to.
 */
export function buildSnapshot(previous: Snapshot, commit: SnapshotChange, desired: IntentState): BuiltSnapshot {
  const draft: Draft = { objects: previous.objects.edit(), digest: previous.digest.clone(), changed: new Set() };
  for (const change of commit.objects) apply(draft, change, desired);
  const id = { epoch: previous.id.epoch, version: commit.version };
  return { snapshot: { id, objects: draft.objects.done(), digest: draft.digest }, changed: draft.changed };
}

function apply(draft: Draft, change: ChangedObject, desired: IntentState): void {
  const key = snapshotKey(change.kind, change.name);
  const object = intentObject(desired, change.kind, change.name);
  const before = draft.objects.get(key);
  const after = object === undefined ? undefined : encodeObject(object);
  if (sameObject(before, after)) return;
  if (before !== undefined) draft.digest.remove(before.kind, before.body);
  if (after === undefined) draft.objects.delete(key);
  else {
    draft.objects.set(key, after);
    draft.digest.add(after.kind, after.body);
  }
  draft.changed.add(key);
}

function sameObject(before: EncodedObject | undefined, after: EncodedObject | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return before.kind === after.kind && before.body.equals(after.body);
}
