/** One pair of a Cookie field, by where it stands. */
export interface CookiePair {
  readonly name: string;
  readonly value: string;
  /** From the semicolon before it, or the begin of the field, to its own end. */
  readonly start: number;
  readonly end: number;
}

/** Whether a field is Cookie, in any case. */
export function isCookieField(name: string): boolean {
  return name.length === 6 && name.toLowerCase() === 'cookie';
}

/**
 * The pairs of that name in a Cookie field (RFC 6265 section 4.2.1), blanks around name and value left out. Goes
 * over the field once, whatever stands in it.
 */
export function cookiePairs(field: string, name: string): readonly CookiePair[] {
  if (!field.includes(name)) return none;
  const found: CookiePair[] = [];
  let equals = -1;
  for (let start = 0; start <= field.length;) {
    const semicolon = field.indexOf(';', start);
    const end = semicolon === -1 ? field.length : semicolon;
    if (equals < start) equals = field.indexOf('=', start);
    if (equals === -1) break;
    if (equals < end && withoutBlanks(field.slice(start, equals)) === name) {
      found.push({ name, value: withoutBlanks(field.slice(equals + 1, end)), start: Math.max(0, start - 1), end });
    }
    start = end + 1;
  }
  return found;
}

/** Not `trim`, which takes bytes beyond ASCII for white space. */
function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const none: readonly CookiePair[] = [];
