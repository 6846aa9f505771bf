import { ownString } from './own-string.ts';

/** Names that have been seen, as strings of their own: a part of a head would keep the whole of it in memory. */
const known = new Map<string, string>();
/** Bounded: names are hostile. */
const MAX_NAMES = 2_000;
const MAX_NAME_LENGTH = 40;

/** The name as a string whose hash is known already, where it is one of the usual names. */
export function knownName(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= MAX_NAMES || name.length > MAX_NAME_LENGTH) return name;
  const own = ownString(name);
  known.set(own, own);
  return own;
}
