import { AnswerBlock } from '../answer-block.ts';
import { hasOption } from '../connection-options.ts';
import { fieldKind } from '../field-kind.ts';
import type { HttpVersion } from '../forwarder.ts';
import { keepAliveHintMs } from '../keep-alive-hint.ts';
import { answerFault } from '../response-headers.ts';
import { endOfRun, valueCharacters } from './character-tables.ts';
import { readFieldLines } from './field-lines.ts';
import { statusLine } from './own-answer-text.ts';

/** The head of a server's answer, with what the engine itself goes by. */
export interface AnswerHead {
  /** All of it with the empty line, for comparison with the next one. */
  readonly text: string;
  readonly version: HttpVersion;
  readonly status: number;
  readonly phrase: string;
  /** As the client gets it. */
  readonly statusLine: string;
  readonly rawHeaders: readonly string[];
  readonly block: AnswerBlock;
  /** Whether it can be passed on; of interim ones nothing but the syntax is known. */
  readonly isSound: boolean;
  readonly keepAlive: boolean;
  /** How long the server keeps the connection when it is idle, with a margin; Infinity when it does not say. */
  readonly idleLimitMs: number;
  readonly chunked: boolean;
  /** Undefined when it does not say, NaN when it is no number or said twice. */
  readonly contentLength: number | undefined;
  readonly hasDate: boolean;
}

const MAX_FIELDS = 1_000;
const STATUS_LINE = /^HTTP\/(1\.[01]) ([1-5]\d\d)(?: |$)/;

/** Reads the head of an answer, with its empty line; undefined when it is no valid one. */
export function readAnswerHead(text: string): AnswerHead | undefined {
  const lineEnd = text.indexOf('\r\n');
  const line = STATUS_LINE.exec(text.slice(0, lineEnd));
  if (line === null) return undefined;
  const phrase = text.slice(line[0].length, lineEnd);
  if (endOfRun(phrase, 0, valueCharacters) !== phrase.length) return undefined;
  const rawHeaders = readFieldLines(text, lineEnd + 2, text.length - 2, MAX_FIELDS);
  if (typeof rawHeaders === 'string') return undefined;
  const version = line[1] === '1.0' ? '1.0' : '1.1';
  const status = Number(line[2]);
  const isSound = answerFault({ status, rawHeaders, version }) === undefined;
  const block = new AnswerBlock({ status, rawHeaders, version });
  const facts = factsOf(rawHeaders, version);
  return {
    text,
    version,
    status,
    phrase,
    statusLine: statusLine(status, phrase),
    rawHeaders,
    block,
    isSound,
    ...facts,
  };
}

type Facts = Pick<AnswerHead, 'keepAlive' | 'idleLimitMs' | 'chunked' | 'contentLength' | 'hasDate'>;

function factsOf(rawHeaders: readonly string[], version: HttpVersion): Facts {
  let [closes, keepsAlive, chunked, hasDate] = [false, false, false, false];
  let contentLength: number | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    const value = rawHeaders[index + 1]!;
    const kind = fieldKind(name);
    if (kind === 'connection') {
      closes ||= hasOption(value, 'close');
      keepsAlive ||= hasOption(value, 'keep-alive');
    } else if (kind === 'content_length') contentLength = contentLength === undefined ? Number(value) : NaN;
    else if (kind === 'transfer_encoding') chunked = true;
    else if (name.length === 4 && name.toLowerCase() === 'date') hasDate = true;
  }
  const keepAlive = !closes && (version === '1.1' || keepsAlive);
  return { keepAlive, idleLimitMs: keepAliveHintMs(rawHeaders), chunked, contentLength, hasDate };
}
