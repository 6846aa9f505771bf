import type { IncomingMessage } from 'node:http';
import { SourceError } from '../source.ts';

/** Some five thousand instances with their checks. */
export const maxBodyBytes = 8 * 1_024 * 1_024;

/**
 * The whole body of an answer as text. What is left of a larger one is not read: the connection is closed.
 * @throws SourceError when it is larger than `maxBodyBytes`
 */
export async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new SourceError(`the answer is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
