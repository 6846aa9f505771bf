import { encodeObject, type EncodedObject } from '@headgate/proto/object-codec';
import { ShardedMap } from '@headgate/shared/sharded-map';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';
import { keyOf } from '@headgate/shared/snapshot/snapshot-object';
import type { IntentState } from '../intent/intent-state.ts';
import { intentObjects } from './intent-objects.ts';
import type { Snapshot } from './snapshot.ts';

/** The snapshot of a state that was read from the store. Equal to what building commit by commit would give. */
export function initialSnapshot(intent: IntentState): Snapshot {
  const objects = ShardedMap.empty<EncodedObject>().edit();
  const digest = new SetDigest();
  for (const object of intentObjects(intent)) {
    const encoded = encodeObject(object);
    objects.set(keyOf(object), encoded);
    digest.add(encoded.kind, encoded.body);
  }
  return { id: { epoch: intent.epoch, version: intent.version }, objects: objects.done(), digest };
}
