import type { ObjectKind, SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { decodeBackend, encodeBackend } from './backend-codec.ts';
import { decodeHost, encodeHost } from './host-codec.ts';
import { keepBytes } from './keep-bytes.ts';
import { kindName, kindNumber } from './object-kind.ts';
import { decodeServer, encodeServer } from './server-codec.ts';
import { UndecodableObjectError } from './undecodable-object-error.ts';

/** One object as it goes over the wire and to disk. Digests are taken over these very bytes. */
export interface EncodedObject {
  /** The wire's number of the kind. */
  readonly kind: number;
  readonly body: Buffer;
}

/** Objects with a longer body are refused where they are written: they would not fit into a chunk. */
export const MAX_OBJECT_BYTES = 256 * 1_024;

/** The bytes of an object. Equal objects have equal bytes. */
export function encodeObject(object: SnapshotObject): EncodedObject {
  return { kind: kindNumber(object.kind), body: keepBytes(encodeBody(object)) };
}

/**
 * The object in the bytes. Values are taken as they are: whether they can be served is for the reader to check.
 * @throws UndecodableObjectError
 */
export function decodeObject(kind: number, body: Uint8Array): SnapshotObject {
  const name = kindName(kind);
  if (name === undefined) {
    throw new UndecodableObjectError('unknown_kind', `is of kind ${kind}, which this release does not know`, nowhere);
  }
  try {
    return decodeBody(name, body);
  } catch (error) {
    throw error instanceof UndecodableObjectError ? error : undecodable(name, error);
  }
}

const nowhere = { object: '', field: '' };

function encodeBody(object: SnapshotObject): Uint8Array {
  switch (object.kind) {
    case 'backend':
      return encodeBackend(object.value);
    case 'server':
      return encodeServer(object.value);
    case 'host':
      return encodeHost(object.value);
  }
}

function decodeBody(kind: ObjectKind, body: Uint8Array): SnapshotObject {
  switch (kind) {
    case 'backend':
      return { kind, value: decodeBackend(body) };
    case 'server':
      return { kind, value: decodeServer(body) };
    case 'host':
      return { kind, value: decodeHost(body) };
  }
}

function undecodable(kind: ObjectKind, error: unknown): UndecodableObjectError {
  const reason = error instanceof Error ? error.message : 'cannot be read';
  return new UndecodableObjectError('undecodable', `cannot be decoded: ${reason}`, { object: `${kind}/`, field: '' });
}
