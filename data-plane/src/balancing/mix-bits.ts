/**
 * Spreads a whole number over all 32 bits: neighbours come out far apart, and every bit depends on all others. Answers
 * 0 to 2³² - 1, the same on every machine. Not for secrets.
 */
export function mixBits(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
