const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of UTF-8 bytes, without byte order mark; undefined when they are something else, rather than text with holes. */
export function decodeText(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
