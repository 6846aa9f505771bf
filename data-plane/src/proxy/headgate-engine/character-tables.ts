/** Which of the 256 characters of latin1 may stand somewhere: 1 for those that may. */
export type CharacterTable = Uint8Array;

/** Of methods and names of fields (RFC 9110 section 5.6.2). */
export const tokenCharacters = tableOf(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/);

/** Of values of fields, with their white space (RFC 9110 section 5.5): no control character but the tab. */
export const valueCharacters = tableOf(/[\t\x20-\x7e\x80-\xff]/);

/** Of request targets: visible ASCII. */
export const targetCharacters = tableOf(/[\x21-\x7e]/);

/** Where the run of these characters that begins at `from` ends. */
export function endOfRun(text: string, from: number, table: CharacterTable): number {
  let at = from;
  while (at < text.length && table[text.charCodeAt(at)] === 1) at++;
  return at;
}

function tableOf(allowed: RegExp): CharacterTable {
  return Uint8Array.from({ length: 256 }, (_, code) => (allowed.test(String.fromCharCode(code)) ? 1 : 0));
}
