import type { HttpVersion } from './message.ts';
import { PreparedFields } from './prepared-fields.ts';
import { responseHeaders, type ResponseHeadersInput } from './response-headers.ts';

/** What a client is answered depends on these alone, beside the server's answer and the id of the request. */
export type AnswerReader = Pick<
  ResponseHeadersInput,
  'method' | 'clientVersion' | 'shownVersion' | 'via' | 'sessionCookie'
>;

/**
 * The head of a server's answer, and what it became for the client before. Servers repeat themselves: an engine that reads
 * the same bytes again on the same connection hands over the same block again.
 */
export class AnswerBlock {
  readonly status: number;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  readonly version: HttpVersion;
  #reader: AnswerReader | undefined = undefined;
  #prepared: PreparedFields | undefined = undefined;

  constructor({ status, rawHeaders, version }: Pick<AnswerBlock, 'status' | 'rawHeaders' | 'version'>) {
    this.status = status;
    this.rawHeaders = rawHeaders;
    this.version = version;
  }

  /** The fields as this client shall see them. */
  prepare(reader: AnswerReader): PreparedFields {
    if (this.#prepared !== undefined && isSameReader(reader, this.#reader)) return this.#prepared;
    const { status, rawHeaders, version } = this;
    this.#reader = reader;
    this.#prepared = new PreparedFields(responseHeaders({ ...reader, status, rawHeaders, version, requestId: '' }));
    return this.#prepared;
  }
}

function isSameReader(reader: AnswerReader, last: AnswerReader | undefined): boolean {
  return (
    reader.method === last?.method &&
    reader.clientVersion === last.clientVersion &&
    reader.shownVersion === last.shownVersion &&
    reader.via === last.via &&
    reader.sessionCookie === last.sessionCookie
  );
}
