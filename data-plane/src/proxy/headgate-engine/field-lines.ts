import { endOfRun, tokenCharacters, valueCharacters } from './character-tables.ts';
import { knownName } from './field-names.ts';
import { isFramingField } from './is-framing-field.ts';

const CR = 13;
const LF = 10;
const COLON = 58;
const SPACE = 32;
const TAB = 9;

export type FieldFault = 'bad_request' | 'too_many_fields';

/**
 * Reads field lines, each with its CRLF, from `from` up to `to`: names and values in turn, values without the white space
 * around them. Nothing is mended: no folding, no white space before the colon, no line end but CRLF (RFC 9112 section 5).
 */
export function readFieldLines(text: string, from: number, to: number, maxFields: number): string[] | FieldFault {
  const fields: string[] = [];
  for (let at = from; at < to;) {
    const colon = endOfRun(text, at, tokenCharacters);
    if (colon === at || text.charCodeAt(colon) !== COLON) return 'bad_request';
    const start = skipSpace(text, colon + 1);
    const end = endOfRun(text, start, valueCharacters);
    if (text.charCodeAt(end) !== CR || text.charCodeAt(end + 1) !== LF || end + 2 > to) return 'bad_request';
    if (fields.length === maxFields * 2) return 'too_many_fields';
    const name = knownName(text.slice(at, colon));
    const valueEnd = trimEnd(text, start, end);
    const isUsual = start === colon + 2 && valueEnd === end && text.charCodeAt(colon + 1) === SPACE;
    if (!isUsual && isDoubtful(name, text.slice(colon + 1, start) + text.slice(valueEnd, end))) return 'bad_request';
    fields.push(name, text.slice(start, valueEnd));
    at = end + 2;
  }
  return fields;
}

/** Some readers leave a tab in the value, and do not know the coding then: where the content ends must not depend on it. */
function isDoubtful(name: string, space: string): boolean {
  return space.includes('\t') && isFramingField(name);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === SPACE || code === TAB; code = text.charCodeAt(at)) at++;
  return at;
}

function trimEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && (text.charCodeAt(end - 1) === SPACE || text.charCodeAt(end - 1) === TAB)) end--;
  return end;
}
