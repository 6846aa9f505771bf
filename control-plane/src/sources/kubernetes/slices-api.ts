import type { IncomingMessage } from 'node:http';
import type { Clock } from '@headgate/shared/clock';
import { z } from 'zod';
import { SourceError } from '../source.ts';
import type { Cluster } from './cluster.ts';
import { readEndpointSlice, type EndpointSlice } from './endpoint-slice.ts';
import { refusalOf, type Attempt } from './kubernetes-failure.ts';
import { LineTooLongError, readLines } from './read-lines.ts';
import { sendGet } from './send-get.ts';
import { listPath, namespaceOf, watchPath, type FollowedService, type WatchRange } from './slices-query.ts';
import { parseWatchEvent, type WatchEvent } from './watch-event.ts';

/** For one page of the list, body included. */
const PAGE_MS = 30_000;
/** Until a watch is open. */
const OPEN_MS = 10_000;
/** A server that does not end a watch in time has gone without a word. */
const MARGIN_MS = 10_000;
/** Of all pages of one list. 20,000 endpoints take about 12 MB. */
const MAX_LIST_BYTES = 67_108_864;
/** One slice of at most 1,000 endpoints. */
const MAX_LINE_BYTES = 8_388_608;

export interface SlicesApiLife {
  readonly clock: Clock;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

export interface SliceList {
  readonly slices: readonly EndpointSlice[];
  /** Where a watch goes on. */
  readonly version: string;
}

const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullable(),
});

/** The EndpointSlices of one Service, as the API tells them. Every wait has an end, and every size. */
export class SlicesApi {
  readonly #cluster: Cluster;
  readonly #followed: FollowedService;
  readonly #life: SlicesApiLife;

  constructor(cluster: Cluster, followed: FollowedService, life: SlicesApiLife) {
    this.#cluster = cluster;
    this.#followed = followed;
    this.#life = life;
  }

  /**
   * All slices, as they were at one version.
   * @throws ExpiredError when that version went away between two pages; SourceError and what connections throw
   */
  async list(): Promise<SliceList> {
    const slices: EndpointSlice[] = [];
    let room = MAX_LIST_BYTES;
    for (let after = ''; ;) {
      const body = await this.#within(PAGE_MS, (signal) => this.#page(after, { signal, maxBytes: room }));
      room -= body.length;
      const page = this.#parsePage(body);
      slices.push(...page.slices);
      if (page.next === '') return { slices, version: page.version };
      after = page.next;
    }
  }

  /**
   * What happens after a version, until the watch ends: by the server after `seconds`, by a cut, or by us when neither
   * comes. How it ended makes no difference: what has been told is told, and the next watch goes on from there.
   * @throws ExpiredError when changes since that version are no longer known; SourceError and what connecting throws
   */
  async *watch(range: WatchRange): AsyncGenerator<WatchEvent> {
    const response = await this.#within(OPEN_MS, (signal) => this.#open(range, signal));
    const cancel = this.#life.clock.after(range.seconds * 1_000 + MARGIN_MS, () => response.destroy());
    const end = (): void => void response.destroy();
    this.#life.signal.addEventListener('abort', end, { once: true });
    try {
      for await (const line of readLines(untilItEnds(response), MAX_LINE_BYTES)) yield this.#eventOf(line);
    } catch (error) {
      throw error instanceof LineTooLongError ? this.#strange('a line that is too long') : error;
    } finally {
      cancel();
      this.#life.signal.removeEventListener('abort', end);
      response.destroy();
    }
  }

  async #page(after: string, limits: { readonly signal: AbortSignal; readonly maxBytes: number }): Promise<Buffer> {
    const response = await this.#ask(
      'list',
      (namespace, service) => listPath(namespace, service, after),
      limits.signal,
    );
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.maxBytes) throw this.#strange(`a list of more than ${MAX_LIST_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #open(range: WatchRange, signal: AbortSignal): Promise<IncomingMessage> {
    return this.#ask('watch', (namespace, service) => watchPath(namespace, service, range), signal);
  }

  /** An answer whose status is 200. */
  async #ask(
    verb: Attempt['verb'],
    path: (namespace: string, service: string) => string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const access = await this.#cluster.access();
    const namespace = namespaceOf(this.#followed, access);
    const response = await sendGet(access, path(namespace, this.#followed.service), signal);
    if (response.statusCode === 200) return response;
    response.destroy();
    throw refusalOf(response.statusCode ?? 0, { cluster: this.#cluster.name, verb, namespace });
  }

  #parsePage(body: Buffer): {
    readonly slices: readonly EndpointSlice[];
    readonly version: string;
    readonly next: string;
  } {
    const { data } = pageSchema.safeParse(parseJson(body));
    const slices = data?.items?.map(readEndpointSlice) ?? [];
    if (data === undefined || slices.includes(undefined)) throw this.#strange('a list that is none of EndpointSlices');
    const { resourceVersion: version, continue: next = '' } = data.metadata;
    return { slices: slices as readonly EndpointSlice[], version, next };
  }

  #eventOf(line: string): WatchEvent {
    const event = parseWatchEvent(line);
    if (event === undefined) throw this.#strange('a watch event that is none');
    return event;
  }

  #strange(what: string): SourceError {
    return new SourceError(`${this.#cluster.name} sent ${what}`);
  }

  async #within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const cancel = this.#life.clock.after(ms, () => late.abort());
    try {
      return await work(AbortSignal.any([this.#life.signal, late.signal]));
    } catch (error) {
      if (!late.signal.aborted) throw error;
      throw new SourceError(`${this.#cluster.name} did not answer within ${ms / 1_000} s`);
    } finally {
      cancel();
    }
  }
}

/** A body whose end and whose loss are the same. */
async function* untilItEnds(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch {
    // The next request tells why, if there is something to tell.
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    // Its message shows the text.
    return undefined;
  }
}
