/** The same text as a string of its own: what is cut out of a longer one keeps all of that in memory. latin1 only. */
export function ownString(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
