import type { ObjectChange } from '../store/store.ts';

/** The change that takes another one back. */
export function invertChanges(changes: readonly ObjectChange[]): readonly ObjectChange[] {
  return changes.map(({ kind, name, before, after }) => ({
    kind,
    name,
    ...(after === undefined ? {} : { before: after }),
    ...(before === undefined ? {} : { after: before }),
  }));
}
