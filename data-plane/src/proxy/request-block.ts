import type { Backend } from '@headgate/shared/model/backend';
import type { HttpVersion } from './message.ts';
import { judgeFields, type FieldVerdicts } from './judge-fields.ts';
import { PreparedFields } from './prepared-fields.ts';
import { readRequestFields, type RequestFields } from './request-fields.ts';
import { requestHeaders, type RequestHeadersInput } from './request-headers.ts';

/** What a server is sent depends on these alone, beside the fields that came and the id of the request. */
interface Preparation {
  readonly settings: Backend;
  readonly clientAddress: string;
  readonly authority: string | undefined;
  readonly version: HttpVersion;
  readonly encrypted: boolean;
  readonly upgrade: boolean;
  readonly prepared: PreparedFields;
}

/**
 * The fields of a request, and what was made of them last. Clients repeat themselves: an engine that reads the same bytes
 * again on the same connection hands over the same block again, and what was worked out for the request before holds for
 * this one. One of each is remembered: for the last version of HTTP, and for the last settings of a backend.
 */
export class RequestBlock {
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  readonly fields: RequestFields;
  #version: HttpVersion | undefined = undefined;
  #verdicts: FieldVerdicts | undefined = undefined;
  #last: Preparation | undefined = undefined;

  constructor(rawHeaders: readonly string[]) {
    this.rawHeaders = rawHeaders;
    this.fields = readRequestFields(rawHeaders);
  }

  /** What is right and wrong about the fields, whatever the target is. */
  verdicts(version: HttpVersion): FieldVerdicts {
    if (this.#verdicts !== undefined && this.#version === version) return this.#verdicts;
    this.#version = version;
    this.#verdicts = judgeFields(this.fields, version);
    return this.#verdicts;
  }

  /** The fields as the backend's servers shall see them. */
  prepare(input: RequestHeadersInput, settings: Backend): PreparedFields {
    const { head, authority } = input;
    // What trusted proxies say is about the client behind them, and another one with each request.
    if (input.forwarded !== undefined) return new PreparedFields(requestHeaders(input));
    const last = this.#last;
    if (
      last !== undefined &&
      last.settings === settings &&
      last.clientAddress === head.clientAddress &&
      last.authority === authority &&
      last.version === head.version &&
      last.encrypted === head.encrypted &&
      last.upgrade === head.upgrade
    ) {
      return last.prepared;
    }
    const { clientAddress, version, encrypted, upgrade } = head;
    const prepared = new PreparedFields(requestHeaders(input));
    this.#last = { settings, clientAddress, authority, version, encrypted, upgrade, prepared };
    return prepared;
  }
}
