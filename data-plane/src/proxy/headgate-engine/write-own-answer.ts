import type { OwnAnswer } from '../forwarder.ts';
import type { AnswerFacts } from '../own-answer.ts';
import { connectionLine } from './connection-line.ts';
import type { DateField } from './date-field.ts';
import { ownAnswerText } from './own-answer-text.ts';
import type { ReadRequest } from './request-reader.ts';
import type { WireWriter } from './wire-writer.ts';

export interface OwnAnswerOrder {
  readonly writer: WireWriter;
  readonly answer: OwnAnswer;
  readonly exchange: AnswerFacts;
  /** What is answered; undefined when what came was no request. */
  readonly request: Pick<ReadRequest, 'method' | 'version'> | undefined;
  /** Whether the connection closes after it. */
  readonly closes: boolean;
  readonly date: DateField;
}

/** Writes an own answer, whole. Returns the bytes of its content. */
export function writeOwnAnswer({ writer, answer, exchange, request, closes, date }: OwnAnswerOrder): number {
  const { method = '', version = '1.1' } = request ?? {};
  const line = connectionLine(version, closes);
  const own = ownAnswerText({ answer, exchange, method, connectionLine: line, dateLine: date.line });
  writer.text(own.text);
  writer.flush();
  return own.bytes;
}
