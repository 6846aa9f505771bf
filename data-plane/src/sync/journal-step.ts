import type { EncodedObject } from '@headgate/proto/object-codec';
import { removalOf } from '@headgate/proto/object-kind';
import { keyOf } from '@headgate/shared/snapshot/snapshot-object';
import type { JournalStep } from './disk-copy-format.ts';
import type { KeptStep } from './snapshot-keeper.ts';

/** A larger step is not worth a record, whose writing cannot be sliced: a new base is written instead. */
const MAX_OBJECTS = 5_000;
const MAX_BYTES = 1_024 * 1_024;

/** The step as a journal records it; undefined when it needs a new base. `savedAt` is Unix time in milliseconds. */
export function journalStep(step: KeptStep, savedAt: number): JournalStep | undefined {
  const { held, from, change } = step;
  if (change.full || change.upserts.length + change.removals.length > MAX_OBJECTS) return undefined;
  const upserts = change.upserts
    .map((object) => held.objects.get(keyOf(object)))
    .filter((object) => object !== undefined);
  if (sizeOf(upserts) > MAX_BYTES) return undefined;
  const removals = change.removals.map(removalOf);
  const header = {
    epoch: held.id.epoch,
    from: from.version,
    version: held.id.version,
    digest: held.digest.toBytes().toString('hex'),
    upserts: upserts.length,
    removals: removals.length,
    savedAt,
  };
  return { header, upserts, removals };
}

function sizeOf(objects: readonly EncodedObject[]): number {
  return objects.reduce((bytes, { body }) => bytes + body.length, 0);
}
