/** Bytes that the head of an answer may have, interim answers before it included. */
export const MAX_HEAD_BYTES = 16_384;

const START = 'HTTP/1.';
const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const END = '\r\n\r\n';

export type HeadReading =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'status'; readonly status: number };

const incomplete: HeadReading = { kind: 'incomplete' };

/**
 * Reads the status of an HTTP/1.x answer (RFC 9112 section 4) as its bytes come in. Interim answers (1xx, but not 101)
 * are passed over. Fields are not looked at.
 */
export class AnswerHead {
  #text = '';
  #bytes = 0;

  push(chunk: Buffer): HeadReading {
    const searched = Math.max(0, this.#text.length - END.length + 1);
    const taken = chunk.subarray(0, MAX_HEAD_BYTES - this.#bytes);
    this.#text += taken.toString('latin1');
    this.#bytes += taken.length;
    return this.#read(searched);
  }

  #read(searchFrom: number): HeadReading {
    if (!this.#text.startsWith(START.slice(0, this.#text.length))) return invalid('the answer is not HTTP/1.x');
    const end = this.#text.indexOf(END, searchFrom);
    if (end === -1)
      return this.#bytes < MAX_HEAD_BYTES ? incomplete : invalid(`the head is larger than ${MAX_HEAD_BYTES} bytes`);
    const status = statusOf(this.#text);
    if (status === undefined) return invalid('the answer has no valid status line');
    if (status >= 200 || status === 101) return { kind: 'status', status };
    this.#text = this.#text.slice(end + END.length);
    return this.#read(0);
  }
}

function statusOf(text: string): number | undefined {
  const line = STATUS_LINE.exec(text.slice(0, text.indexOf('\r\n')));
  return line === null ? undefined : Number(line[1]);
}

function invalid(reason: string): HeadReading {
  return { kind: 'invalid', reason };
}
