/** The first field of a message, as bytes of a length. */
const FIRST_FIELD = 0x0a;

/**
 * The first field of an encoded object without decoding the rest: the name of a backend, the backend of a server, the
 * pattern of a host. Undefined when it does not come first, as in every object that was encoded here, or when it is
 * longer than 16 KiB.
 */
export function peekName(bytes: Buffer, start: number, end: number): string | undefined {
  if (end - start < 2 || bytes[start] !== FIRST_FIELD) return undefined;
  const low = bytes[start + 1]!;
  const high = low < 0x80 ? 0 : (bytes[start + 2] ?? 0x80);
  if (high >= 0x80) return undefined;
  const from = start + (low < 0x80 ? 2 : 3);
  const to = from + (low & 0x7f) + (high << 7);
  return to > end || to === from ? undefined : bytes.toString('utf8', from, to);
}
