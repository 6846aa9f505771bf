import { STATUS_CODES } from 'node:http';
import type { OwnAnswer } from '../forwarder.ts';
import { ownAnswerBody, ownAnswerHeaders, type AnswerFacts } from '../own-answer.ts';
import { fieldLines } from '../prepared-fields.ts';

export interface OwnAnswerInput {
  readonly answer: OwnAnswer;
  readonly exchange: AnswerFacts;
  /** Of the request: HEAD gets no content. */
  readonly method: string;
  /** With its line end. */
  readonly connectionLine: string;
  readonly dateLine: string;
}

export interface OwnAnswerText {
  readonly text: string;
  /** Of its content. */
  readonly bytes: number;
}

/** An own answer, whole. */
export function ownAnswerText({ answer, exchange, method, connectionLine, dateLine }: OwnAnswerInput): OwnAnswerText {
  const body = ownAnswerBody(answer, exchange.requestId);
  const fields = fieldLines(ownAnswerHeaders(answer, exchange, body.length));
  const head = `${statusLine(answer.status)}${fields}${dateLine}${connectionLine}\r\n`;
  return method === 'HEAD' ? { text: head, bytes: 0 } : { text: head + body, bytes: body.length };
}

/** With its line end. */
export function statusLine(status: number, phrase = STATUS_CODES[status] ?? ''): string {
  return `HTTP/1.1 ${status} ${phrase}\r\n`;
}
