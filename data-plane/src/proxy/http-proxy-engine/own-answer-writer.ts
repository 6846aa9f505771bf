import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '@headgate/shared/clock';
import type { OwnAnswer } from '../forwarder.ts';
import { ownAnswerBody, ownAnswerHeaders, type AnswerFacts } from '../own-answer.ts';
import { endAfterRequest } from './end-after-request.ts';

export interface OwnAnswerInput {
  readonly answer: OwnAnswer;
  readonly exchange: AnswerFacts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the connection is to be closed, whatever the answer is. */
  readonly close: boolean;
  readonly clock: Clock;
}

/** Gives an own answer. Returns the bytes of its content. */
export function writeOwnAnswer(input: OwnAnswerInput): number {
  const { answer, exchange, request, response, clock } = input;
  const closes = input.close || answer.close;
  const body = ownAnswerBody(answer, exchange.requestId);
  const fields = ownAnswerHeaders(answer, exchange, Buffer.byteLength(body));
  if (closes) fields.push('Connection', 'close');
  // With its phrase: what an attempt to write a server's answer has left there may be what was wrong with it.
  response.writeHead(answer.status, STATUS_CODES[answer.status] ?? '', fields);
  endAfterRequest({ request, response, closes, last: body, clock });
  return request.method === 'HEAD' ? 0 : Buffer.byteLength(body);
}

/** The same as bytes, for a connection on which Node could read no request. */
export function rawOwnAnswer(answer: OwnAnswer, exchange: AnswerFacts, nowMs: number): string {
  const body = ownAnswerBody(answer, exchange.requestId);
  const fields = ownAnswerHeaders(answer, exchange, Buffer.byteLength(body));
  fields.push('Connection', 'close', 'Date', new Date(nowMs).toUTCString());
  return `${headText(answer.status, fields)}${body}`;
}

/** A head of a 1xx or own answer. Its fields must be valid already. */
export function headText(status: number, fields: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (let index = 0; index + 1 < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return `${text}\r\n`;
}
