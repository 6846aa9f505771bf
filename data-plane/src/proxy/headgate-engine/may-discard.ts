import type { ReadRequest } from './request-reader.ts';

/** Content that is rather read to its end and thrown away than the connection closed. */
const MAX_DISCARDED_BYTES = 65_536;

/** Whether there is no content, or so little that it can be thrown away. A client that waits for 100 may send it or not. */
export function mayDiscard({ chunked, contentLength, block }: ReadRequest): boolean {
  if (!chunked && contentLength === 0) return true;
  return !chunked && block.fields.expectations.length === 0 && contentLength <= MAX_DISCARDED_BYTES;
}
