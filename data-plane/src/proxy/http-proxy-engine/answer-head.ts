import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpVersion } from '../forwarder.ts';
import { answerFault } from '../response-headers.ts';
import { withLengthLast } from './outgoing-fields.ts';

/** The version of a server's answer, if the answer can be passed on as it stands. */
export function acceptedVersion(answer: IncomingMessage): HttpVersion | undefined {
  const { httpVersion: version, rawHeaders, statusCode: status = 0 } = answer;
  if (version !== '1.0' && version !== '1.1') return undefined;
  return answerFault({ status, rawHeaders, version }) === undefined ? version : undefined;
}

export interface AnswerHeadOptions {
  readonly answer: IncomingMessage;
  readonly response: ServerResponse;
  /** As the client shall see them. */
  readonly fields: readonly string[];
  /** Whether the client's connection closes after it. */
  readonly closes: boolean;
}

export interface AnswerHead {
  /** Undefined when the head does not say. */
  readonly contentLength: number | undefined;
}

/**
 * Writes the head of an answer. Undefined when that cannot be: Node's parser lets in characters that its writer does not
 * let out.
 */
export function writeAnswerHead({ answer, response, fields, closes }: AnswerHeadOptions): AnswerHead | undefined {
  const ordered = withLengthLast(fields);
  const contentLength = ordered.at(-2) === 'Content-Length' ? Number(ordered.at(-1)) : undefined;
  if (closes) ordered.push('Connection', 'close');
  try {
    response.writeHead(answer.statusCode!, answer.statusMessage, ordered);
  } catch {
    return undefined;
  }
  return { contentLength };
}
