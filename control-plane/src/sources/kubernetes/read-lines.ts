const NEWLINE = 0x0a;

/** A line was longer than it may be. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

/**
 * The lines of a body, of at most `maxBytes` each, without the empty ones. A line is one when its end has come: what a cut
 * connection leaves behind is dropped.
 * @throws LineTooLongError, and whatever the body throws
 */
export async function* readLines(body: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      if (bytes + end - start > maxBytes) throw new LineTooLongError();
      const line = Buffer.concat(parts).toString();
      parts = [];
      bytes = 0;
      start = end + 1;
      if (line !== '') yield line;
    }
    parts.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > maxBytes) throw new LineTooLongError();
  }
}
