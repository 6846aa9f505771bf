import { sameSnapshot, type SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { Problem } from '../fleet/fleet-state.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** What is known about one data plane. */
export interface PeerState {
  /** What it serves. */
  readonly held: SnapshotId;
  /** The digest that it said of it; undefined when it has acknowledged it on this stream, digest included. */
  readonly digest: Buffer | undefined;
  /** Whether it held a higher version than the store when it came: what it holds may be of another history. */
  readonly ahead: boolean;
  /** What it refused last, until it acknowledges something. */
  readonly refused: Refusal | undefined;
}

export interface Refusal {
  readonly id: SnapshotId;
  readonly codes: ReadonlySet<string>;
  /** Whether it was a full snapshot. */
  readonly full: boolean;
}

export type NextUpdate =
  | { readonly kind: 'up_to_date' }
  /** It has refused the newest one: there is nothing to send before the next. */
  | { readonly kind: 'wait' }
  /** It cannot follow this store. */
  | { readonly kind: 'stranded'; readonly problem: Problem }
  /** A delta on `base`, or a full snapshot when that is 0. */
  | { readonly kind: 'send'; readonly base: number };

const full: NextUpdate = { kind: 'send', base: 0 };
/** Refusals of a delta that a full snapshot can heal. */
const healedByFull = ['digest_mismatch', 'base_unknown'];

/**
 * What a data plane is to be sent next.
 *
 * 1. It holds nothing: a full snapshot.
 * 2. It holds another epoch: a full snapshot, unless this store is empty (a store that was lost and made anew must not
 *    empty the data planes) or the data plane has left this epoch for another (two stores must not take turns).
 * 3. It holds a higher version of this epoch: nothing before the store is past it. What it holds then is of another
 *    history, so that it gets a full snapshot and not a delta.
 * 4. It holds the newest version with the same digest: nothing. With another digest: a full snapshot.
 * 5. It holds an older version: a delta.
 * 6. What it has refused is not sent again, except once in full when it could not use the delta.
 */
export function decideUpdate(peer: PeerState, newest: Snapshot): NextUpdate {
  if (peer.refused !== undefined && sameSnapshot(peer.refused.id, newest.id)) return afterRefusal(peer.refused);
  if (peer.held.version === 0) return full;
  if (peer.held.epoch !== newest.id.epoch) return fromOtherEpoch(peer, newest);
  if (peer.held.version > newest.id.version) return versionAhead(peer.held, newest.id);
  if (peer.held.version < newest.id.version) return peer.ahead ? full : { kind: 'send', base: peer.held.version };
  if (peer.digest === undefined || peer.digest.equals(newest.digest.toBytes())) return { kind: 'up_to_date' };
  return peer.ahead ? versionAhead(peer.held, newest.id) : full;
}

function afterRefusal(refused: Refusal): NextUpdate {
  if (refused.codes.has('epoch_left')) return leftEpoch(refused.id);
  return !refused.full && healedByFull.some((code) => refused.codes.has(code)) ? full : { kind: 'wait' };
}

function fromOtherEpoch(peer: PeerState, newest: Snapshot): NextUpdate {
  const refused = peer.refused;
  if (refused?.codes.has('epoch_left') === true && refused.id.epoch === newest.id.epoch) return leftEpoch(newest.id);
  return newest.objects.size === 0 && !isEmptyDigest(peer.digest) ? emptyEpoch(peer.held, newest.id) : full;
}

/** The digest of no objects is all zeros. */
function isEmptyDigest(digest: Buffer | undefined): boolean {
  return digest !== undefined && digest.every((byte) => byte === 0);
}

function emptyEpoch(held: SnapshotId, newest: SnapshotId): NextUpdate {
  const detail =
    `it serves version ${held.version} of epoch ${held.epoch}, and this store (epoch ${newest.epoch}) is empty; ` +
    'it goes on serving that until this store has a configuration';
  return { kind: 'stranded', problem: { code: 'empty_epoch', detail } };
}

function leftEpoch(newest: SnapshotId): NextUpdate {
  const detail =
    `it has left epoch ${newest.epoch} for another one and does not come back; point it at one store only, ` +
    'or give it a new state directory';
  return { kind: 'stranded', problem: { code: 'epoch_left', detail } };
}

function versionAhead(held: SnapshotId, newest: SnapshotId): NextUpdate {
  const detail =
    `it serves version ${held.version} of this epoch, and the newest version of this store is ${newest.version}; ` +
    'the store has lost changes, and the data plane is sent nothing before the store is past it';
  return { kind: 'stranded', problem: { code: 'version_ahead', detail } };
}
