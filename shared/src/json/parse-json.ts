import type { Checked } from '../model/fault.ts';
import { emptyDocument, maxDocumentDepth } from './document-faults.ts';
import { JsonScanner } from './json-scanner.ts';

/**
 * The value of a JSON text (RFC 8259), stricter than `JSON.parse`: no key twice in an object, no `__proto__`, no nesting
 * beyond `maxDepth` (default 32), no object of more than 10,000 keys. Linear in the length of the text. Faults of syntax name line and column; fault codes
 * are `empty_document`, `bad_syntax`, `too_deep`, `too_many_keys`, `duplicate_key` and `forbidden_key`.
 */
export function parseJson(text: string, limits?: { readonly maxDepth: number }): Checked<unknown> {
  if (/^[ \t\r\n]*$/.test(text)) return { ok: false, faults: [emptyDocument] };
  const faults = new JsonScanner(text, limits?.maxDepth ?? maxDocumentDepth).scan();
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, value: JSON.parse(text) as unknown };
}
