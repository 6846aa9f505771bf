import { cookiePairs } from './cookie-pairs.ts';

/** A Cookie field without the cookies of that name, byte for byte otherwise; undefined when nothing is left. */
export function stripCookie(field: string, name: string): string | undefined {
  const pairs = cookiePairs(field, name);
  if (pairs.length === 0) return field;
  let rest = '';
  let from = 0;
  for (const { start, end } of pairs) {
    rest += field.slice(from, start);
    from = end;
  }
  rest += field.slice(from);
  // What followed the first pair brings its separator with it.
  const whole = pairs[0]!.start === 0 ? rest.replace(/^;[ \t]*/, '') : rest;
  return /^[;\s]*$/.test(whole) ? undefined : whole;
}
