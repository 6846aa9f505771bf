import { decodeObject, type EncodedObject } from '@headgate/proto/object-codec';
import { keyOfRemoval, type RemovedObject } from '@headgate/proto/object-kind';
import { UndecodableObjectError } from '@headgate/proto/undecodable-object-error';
import type { ShardedMapDraft } from '@headgate/shared/sharded-map';
import type { SetDigest } from '@headgate/shared/snapshot/set-digest';
import { keyOf, type ObjectKey, type SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { TimeSlice } from '../routing/time-slice.ts';
import type { SnapshotChange } from '../routing/serving-table.ts';
import type { CompleteUpdate } from './complete-update.ts';
import { FaultList, snapshotFault, type Faults } from './fault-list.ts';
import { nothingHeld, type HeldSnapshot } from './held-snapshot.ts';

/** A snapshot as an update makes it of the one that is held, and what it changes. */
export type DraftSnapshot =
  | { readonly ok: true; readonly held: HeldSnapshot; readonly change: SnapshotChange }
  | { readonly ok: false; readonly faults: Faults };

interface Draft {
  readonly objects: ShardedMapDraft<EncodedObject>;
  readonly digest: SetDigest;
  readonly upserts: SnapshotObject[];
  readonly removals: ObjectKey[];
  /** Keys that the update names: each once. */
  readonly named: { has(key: ObjectKey): boolean; add(key: ObjectKey): unknown };
  readonly faults: FaultList;
}

/**
 * Decodes the objects of an update and puts them beside what is held, checking the digest at the end. What equals the
 * held object is left out of the change of a delta. Works in slices; `held` stays as it is.
 */
export async function draftSnapshot(
  update: CompleteUpdate,
  held: HeldSnapshot,
  slice: TimeSlice,
): Promise<DraftSnapshot> {
  const full = update.baseVersion === 0;
  const draft = full ? fullDraft() : deltaDraft(held);
  for (const removal of update.removals) {
    if (slice.isOver()) await slice.pause();
    remove(draft, removal);
  }
  for (const upsert of update.upserts) {
    if (slice.isOver()) await slice.pause();
    put(draft, upsert);
  }
  if (draft.faults.any) return { ok: false, faults: draft.faults.done() };
  if (!draft.digest.toBytes().equals(update.digest)) return { ok: false, faults: digestMismatch(full) };
  return finish(draft, update, full);
}

function deltaDraft(held: HeldSnapshot): Draft {
  const objects = held.objects.edit();
  const digest = held.digest.clone();
  return { objects, digest, upserts: [], removals: [], named: new Set(), faults: new FaultList() };
}

/** What a full snapshot has named is what is in the draft: a set of a hundred thousand keys less to grow. */
function fullDraft(): Draft {
  const draft = deltaDraft(nothingHeld);
  return { ...draft, named: { has: (key) => draft.objects.has(key), add: () => undefined } };
}

function remove(draft: Draft, removal: RemovedObject): void {
  const key = keyOfRemoval(removal);
  if (key === undefined) {
    const reason = `a removal is of kind ${removal.kind}, which this release does not know`;
    return draft.faults.add({ object: '', field: '', code: 'unknown_kind', reason });
  }
  if (!nameOnce(draft, key)) return;
  const old = draft.objects.get(key);
  if (old === undefined) return;
  draft.digest.remove(old.kind, old.body);
  draft.objects.delete(key);
  draft.removals.push(key);
}

function put(draft: Draft, upsert: EncodedObject): void {
  const object = decode(draft, upsert);
  if (object === undefined) return;
  const key = keyOf(object);
  if (!nameOnce(draft, key)) return;
  const old = draft.objects.get(key);
  if (old !== undefined && old.kind === upsert.kind && old.body.equals(upsert.body)) return;
  if (old !== undefined) draft.digest.remove(old.kind, old.body);
  draft.digest.add(upsert.kind, upsert.body);
  draft.objects.set(key, upsert);
  draft.upserts.push(object);
}

function nameOnce(draft: Draft, key: ObjectKey): boolean {
  if (draft.named.has(key)) {
    draft.faults.add({ object: key, field: '', code: 'duplicate_object', reason: 'is named twice in one update' });
    return false;
  }
  draft.named.add(key);
  return true;
}

function decode(draft: Draft, { kind, body }: EncodedObject): SnapshotObject | undefined {
  try {
    return decodeObject(kind, body);
  } catch (error) {
    if (!(error instanceof UndecodableObjectError)) throw error;
    const { object, field, code, message: reason } = error;
    draft.faults.add({ object, field, code, reason });
    return undefined;
  }
}

function digestMismatch(full: boolean): Faults {
  const what = full ? 'the objects' : 'what is served, changed as the delta says,';
  return snapshotFault('digest_mismatch', `${what} have another digest than the control plane's`);
}

function finish(draft: Draft, { id }: CompleteUpdate, full: boolean): DraftSnapshot {
  const { upserts, removals } = draft;
  const change = { id, full, upserts, removals };
  return { ok: true, held: { id, objects: draft.objects.done(), digest: draft.digest }, change };
}
