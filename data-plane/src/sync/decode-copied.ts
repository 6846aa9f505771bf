import { decodeObject, type EncodedObject } from '@headgate/proto/object-codec';
import { UndecodableObjectError } from '@headgate/proto/undecodable-object-error';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { BadCopyError } from './bad-copy-error.ts';

/**
 * An object of a copy.
 * @throws BadCopyError when this release cannot read it.
 */
export function decodeCopied({ kind, body }: EncodedObject): SnapshotObject {
  try {
    return decodeObject(kind, body);
  } catch (error) {
    if (error instanceof UndecodableObjectError) throw new BadCopyError(`has an object that ${error.message}`);
    throw error;
  }
}
