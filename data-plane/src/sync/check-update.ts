import type { CompleteUpdate } from './complete-update.ts';
import { snapshotFault, type Faults } from './fault-list.ts';
import type { HeldSnapshot } from './held-snapshot.ts';

/** Optional parts of the protocol that this release understands. */
export const knownFeatures: readonly string[] = [];

/** What an update has to fit. */
export interface UpdateGround {
  readonly held: HeldSnapshot;
  /** Epochs that were given up for another one. */
  readonly leftEpochs: readonly string[];
}

/**
 * Why an update cannot be applied whatever its objects are; undefined when it can.
 *
 * Within an epoch the version only grows. Another epoch is adopted when it brings a configuration, and never again once
 * it was left: with two control planes of different epochs the newer one stays, and the other is told so.
 */
export function checkUpdate(update: CompleteUpdate, ground: UpdateGround): Faults | undefined {
  const { held } = ground;
  const unknown = update.requiredFeatures.find((feature) => !knownFeatures.includes(feature));
  if (unknown !== undefined)
    return snapshotFault('unknown_feature', `needs ${printable(unknown)}, upgrade this data plane`);
  if (update.id.epoch === '' || update.id.version < 1)
    return snapshotFault('undecodable', 'has no epoch or no version');
  const other = update.id.epoch !== held.id.epoch;
  if (other && ground.leftEpochs.includes(update.id.epoch)) return epochLeft(held);
  if (update.tooLarge) return snapshotFault('too_large', 'is larger than what this data plane accepts');
  if (update.baseVersion !== 0) return checkDelta(update, held);
  return other ? checkAdoption(update, held) : checkOrder(update, held);
}

function checkDelta(update: CompleteUpdate, { id }: HeldSnapshot): Faults | undefined {
  const fits = update.id.epoch === id.epoch && update.baseVersion === id.version && update.id.version > id.version;
  if (fits) return undefined;
  const base = `is a delta on version ${update.baseVersion}`;
  return snapshotFault('base_unknown', `${base}; version ${id.version} of epoch ${printable(id.epoch)} is served`);
}

function checkAdoption(update: CompleteUpdate, held: HeldSnapshot): Faults | undefined {
  if (update.upserts.length > 0 || held.objects.size === 0) return undefined;
  const reason =
    'is empty and of another epoch than what is served: a store that was made anew does not empty data planes';
  return snapshotFault('empty_epoch', reason);
}

function checkOrder(update: CompleteUpdate, { id }: HeldSnapshot): Faults | undefined {
  if (update.id.version >= id.version) return undefined;
  return snapshotFault('version_went_back', `is version ${update.id.version}; version ${id.version} is served`);
}

function epochLeft({ id }: HeldSnapshot): Faults {
  const reason = `is of an epoch that was left for epoch ${printable(id.epoch)}, which is served`;
  return snapshotFault('epoch_left', reason);
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 128));
}
