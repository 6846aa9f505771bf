import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { ConsulSource } from '@headgate/shared/model/consul-source';
import { parsePemCertificates } from '@headgate/shared/tls/pem-certificates';
import { SourceError, type ServerSourceContext, type SourceEntry } from '../source.ts';
import { abortable } from './abortable.ts';
import { assertGood, assertWhole } from './assert-answer.ts';
import { consulUrl } from './consul-url.ts';
import { nextIndex } from './next-index.ts';
import { openRequest } from './open-request.ts';
import { readBody } from './read-body.ts';
import { readInstances } from './read-instances.ts';

/** What an answer may take beyond the time for which Consul holds it back. */
const MARGIN_MS = 10_000;

/** A query for the instances of one service. */
export interface ConsulQuery {
  readonly service: string;
  /** 0: do not wait for a change. */
  readonly index: bigint;
  readonly signal: AbortSignal;
}

export interface ConsulAnswer {
  /** For the next query. */
  readonly index: bigint;
  readonly entries: readonly SourceEntry[];
}

type ClientContext = Pick<ServerSourceContext, 'clock' | 'secret'>;

/** Asks one Consul agent. Connections are kept between queries, until `close`. */
export class ConsulClient {
  readonly #source: ConsulSource;
  readonly #context: ClientContext;
  readonly #agent: HttpAgent;

  constructor(source: ConsulSource, context: ClientContext) {
    this.#source = source;
    this.#context = context;
    this.#agent = new (source.address.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true });
  }

  /** @throws when there is no good answer in time: a SourceError, or what Node says of the connection */
  async query({ service, index, signal }: ConsulQuery): Promise<ConsulAnswer> {
    const { waitMs } = this.#source;
    // Consul spreads the ends of waits over a sixteenth of them.
    const timeoutMs = MARGIN_MS + (index > 0n ? waitMs + waitMs / 16 : 0);
    const ended = new AbortController();
    const end = (): void => ended.abort(signal.reason);
    const cancel = this.#context.clock.after(timeoutMs, () => {
      ended.abort(new SourceError(`there is no answer within ${Math.ceil(timeoutMs)} ms`));
    });
    signal.addEventListener('abort', end);
    try {
      if (signal.aborted) end();
      return await this.#read({ service, index, signal: ended.signal });
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error;
    } finally {
      cancel();
      signal.removeEventListener('abort', end);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /**
   * Consul answers blocking queries from a stream of events, and says nothing then of instances that the token may not
   * read. With a token such an answer says that there is something to read, and is read anew.
   */
  async #read(query: ConsulQuery): Promise<ConsulAnswer> {
    const answer = await this.#ask(query);
    return query.index > 0n && this.#source.token !== '' ? this.#ask({ ...query, index: 0n }) : answer;
  }

  async #ask({ service, index, signal }: ConsulQuery): Promise<ConsulAnswer> {
    const [token, ca] = await abortable(Promise.all([this.#token(), this.#authorities()]), signal);
    const answer = await openRequest(consulUrl(this.#source, service, index), {
      agent: this.#agent,
      headers: { accept: 'application/json', ...(token !== undefined && { 'x-consul-token': token }) },
      signal,
      clock: this.#context.clock,
      ca,
      servername: this.#source.tls.serverName || undefined,
    });
    try {
      assertGood(answer);
      const next = nextIndex(index, indexOf(answer));
      if (next === undefined) throw new SourceError('the answer has no X-Consul-Index: it is not Consul that answers');
      const entries = readInstances(this.#source, await readBody(answer));
      assertWhole(answer, entries, token !== undefined);
      return { index: next, entries };
    } finally {
      // Nothing is left of an answer that was read to its end; another one is cut.
      answer.destroy();
    }
  }

  async #token(): Promise<string | undefined> {
    const name = this.#source.token;
    if (name === '') return undefined;
    const token = (await this.#context.secret(name)).toString('utf8').trim();
    // Also because Node would name the character that cannot stand in a field.
    if (!/^[\x21-\x7e]{1,4096}$/.test(token)) {
      throw new SourceError(`the secret ${name} is not a token: it must be one word of visible ASCII characters`);
    }
    return token;
  }

  async #authorities(): Promise<Buffer | undefined> {
    const name = this.#source.tls.ca;
    if (name === '') return undefined;
    const parsed = parsePemCertificates(await this.#context.secret(name));
    if (!parsed.ok) throw new SourceError(`the secret ${name} ${parsed.problem}`);
    return parsed.pem;
  }
}

function indexOf({ headers }: IncomingMessage): string | undefined {
  const header = headers['x-consul-index'];
  return typeof header === 'string' ? header : undefined;
}
