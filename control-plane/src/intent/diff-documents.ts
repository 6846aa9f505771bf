import type { IntentKind, ObjectChange } from '../store/store.ts';
import { fieldChanges, type FieldChange } from './field-changes.ts';
import { sameDocument } from './same-document.ts';

interface Named {
  readonly kind: IntentKind;
  /** The backend's name, `backend/address:port` of a server or an override, or the host's pattern. */
  readonly name: string;
}

/** What a change means for one object. Applied to the object as it was, it gives the object as it is, exactly. */
export type DocumentDiff =
  | (Named & { readonly change: 'added'; readonly after: unknown })
  | (Named & { readonly change: 'removed'; readonly before: unknown })
  | (Named & { readonly change: 'changed'; readonly fields: readonly FieldChange[] });

/**
 * The objects that a change really changes, by kind and name: what was written and stayed equal is no difference. Fields
 * are compared when an object is shown, by `documentDiff`.
 */
export function differingObjects(changes: readonly ObjectChange[]): readonly ObjectChange[] {
  return changes
    .filter(({ before, after }) => !sameDocument(before, after))
    .map((change) => ({ key: objectKey(change), change }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ change }) => change);
}

/** What names an object among all, and orders them. */
export function objectKey({ kind, name }: Named): string {
  return `${kind}/${name}`;
}

/** The difference of one object that differs. */
export function documentDiff({ kind, name, before, after }: ObjectChange): DocumentDiff {
  if (before === undefined) return { kind, name, change: 'added', after };
  if (after === undefined) return { kind, name, change: 'removed', before };
  return { kind, name, change: 'changed', fields: fieldChanges(before, after) };
}

/** The whole semantic difference that a change makes. */
export function diffDocuments(changes: readonly ObjectChange[]): readonly DocumentDiff[] {
  return differingObjects(changes).map(documentDiff);
}
