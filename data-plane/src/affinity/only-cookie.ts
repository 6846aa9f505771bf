import { cookiePairs, isCookieField } from './cookie-pairs.ts';

/** The value of the cookie of that name; undefined when there is none, or several: nobody knows then which is meant. */
export function onlyCookie(rawHeaders: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!isCookieField(rawHeaders[index]!)) continue;
    const pairs = cookiePairs(rawHeaders[index + 1]!, name);
    if (pairs.length > 1 || (pairs.length === 1 && found !== undefined)) return undefined;
    found ??= pairs[0]?.value;
  }
  return found;
}
