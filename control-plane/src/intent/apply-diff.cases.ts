import { objectKey, type DocumentDiff } from './diff-documents.ts';
import type { FieldChange } from './field-changes.ts';
import type { IntentState } from './intent-state.ts';

/** Every object of a configuration by kind and name. */
export type Documents = ReadonlyMap<string, unknown>;

/** The objects of a state, without what they are named by elsewhere. */
export function documentsOf({ backends, hosts }: IntentState): Documents {
  const documents = new Map<string, unknown>();
  for (const [name, { document, servers, overrides }] of backends.entries()) {
    documents.set(`backend/${name}`, document);
    for (const [endpoint, server] of servers) documents.set(`server/${name}/${endpoint}`, server.document);
    for (const [endpoint, override] of overrides) documents.set(`override/${name}/${endpoint}`, override.document);
  }
  for (const [pattern, { document }] of hosts.entries()) documents.set(`host/${pattern}`, document);
  return documents;
}

/** What a reader of a diff makes of it, by the diff alone. Throws when it does not fit the documents. */
export function applyDiff(documents: Documents, diff: readonly DocumentDiff[]): Documents {
  const result = new Map(documents);
  for (const item of diff) {
    const key = objectKey(item);
    if (item.change === 'added' && result.has(key)) throw new Error(`${key} is there already`);
    if (item.change !== 'added' && !result.has(key)) throw new Error(`${key} is not there`);
    if (item.change === 'removed') {
      expect(result.get(key)).toEqual(item.before);
      result.delete(key);
    } else if (item.change === 'added') result.set(key, item.after);
    else result.set(key, item.fields.reduce(applyField, structuredClone(result.get(key))));
  }
  return result;
}

/** Sets or removes what a JSON pointer names, after a look at what stands there. */
export function applyField(document: unknown, { pointer, before, after }: FieldChange): unknown {
  if (pointer === '') {
    expect(document).toEqual(before);
    return after;
  }
  const parts = pointer.slice(1).split('/').map(unescapePart);
  const last = parts.pop()!;
  const parent = parts.reduce((value, part) => value[part] as Json, document as Json);
  expect(Object.hasOwn(parent, last) ? parent[last] : undefined).toEqual(before);
  if (after === undefined) delete parent[last];
  else Object.defineProperty(parent, last, { value: after, enumerable: true, configurable: true, writable: true });
  return document;
}

type Json = Record<string, unknown>;

function unescapePart(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
