import { backoffDelay } from '@headgate/shared/backoff';
import type { KubernetesSource } from '@headgate/shared/model/kubernetes-source';
import { SourceError, type ServerSource, type ServerSourceContext } from '../source.ts';
import type { Cluster } from './cluster.ts';
import { entriesOf } from './entries-of.ts';
import { ExpiredError } from './expired-error.ts';
import { HeldSlices } from './held-slices.ts';
import { kubernetesFailure } from './kubernetes-failure.ts';
import { pause } from './pause.ts';
import { SlicesApi } from './slices-api.ts';
import type { WatchEvent } from './watch-event.ts';

const BACKOFF = { baseMs: 500, maxMs: 10_000 };
/** A watch that ends sooner, without a word, is of no use. */
const SHORT_MS = 1_000;

export interface FollowedSlices {
  readonly source: KubernetesSource;
  readonly cluster: Cluster;
  /** How long the server is to hold a watch. */
  readonly watchSeconds: number;
}

/**
 * The servers of a Service, by its EndpointSlices.
 *
 * 1. All slices are listed, at one version, and delivered.
 * 2. What comes after that version is watched and delivered whole, once for each turn of the event loop. Bookmarks move
 *    the version on where nothing happens, and are delivered too: they say that all is as it was.
 * 3. A watch ends often: its time is over, a balancer cuts it, it falls silent. The next one goes on from the last version,
 *    so that nothing between the two is lost.
 * 4. A version that the server no longer knows (410, as a status or inside of a watch) leads back to 1. So does a failure,
 *    after a pause that grows until a watch has been of use.
 */
export class SlicesFollower implements ServerSource {
  readonly #followed: FollowedSlices;
  readonly #context: ServerSourceContext;
  readonly #api: SlicesApi;
  readonly #held = new HeldSlices();
  readonly #closing = new AbortController();
  #attempt = 0;
  #soon: NodeJS.Immediate | undefined;
  #following: Promise<void> | undefined;

  constructor(followed: FollowedSlices, context: ServerSourceContext) {
    this.#followed = followed;
    this.#context = context;
    const life = { clock: context.clock, signal: this.#closing.signal };
    this.#api = new SlicesApi(followed.cluster, followed.source, life);
  }

  start(): void {
    this.#following = this.#follow();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearImmediate(this.#soon);
    await this.#following;
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#listAndWatch();
      } catch (error) {
        if (!(error instanceof ExpiredError)) this.#fail(error);
      }
      await pause(this.#context.clock, backoffDelay(this.#attempt++, BACKOFF), this.#closing.signal);
    }
  }

  async #listAndWatch(): Promise<void> {
    const { slices, version } = await this.#api.list();
    this.#held.replace(slices);
    this.#deliver();
    for (let newest = version; !this.#closed;) newest = await this.#watch(newest);
  }

  /** Returns how far it came. */
  async #watch(after: string): Promise<string> {
    const { clock } = this.#context;
    const startedMs = clock.monotonic();
    let newest = after;
    for await (const event of this.#api.watch({ after, seconds: this.#seconds() })) newest = this.#take(event);
    const isShort = newest === after && clock.monotonic() - startedMs < SHORT_MS;
    if (isShort) throw new SourceError(`${this.#followed.cluster.name} ends the watch as soon as it is open`);
    this.#attempt = 0;
    return newest;
  }

  /** Returns the version that the event leads to. */
  #take(event: WatchEvent): string {
    if (event.kind === 'error') throw this.#brokenOff(event.status);
    if (event.kind === 'slice') this.#held.put(event.slice);
    if (event.kind === 'removed') this.#held.remove(event.name);
    this.#attempt = 0;
    this.#soon ??= setImmediate(() => this.#deliver());
    return event.version;
  }

  #brokenOff(status: number): Error {
    if (status === 410) return new ExpiredError();
    return new SourceError(`${this.#followed.cluster.name} broke the watch off (${status})`);
  }

  #deliver(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    if (this.#closed) return;
    const { sink } = this.#context;
    try {
      sink.deliver(entriesOf(this.#held.values(), this.#followed.source));
    } catch (error) {
      sink.failed(kubernetesFailure(this.#followed.cluster.name, error));
    }
  }

  #fail(error: unknown): void {
    // In the order of what happened: a delivery after a failure would say that all is well.
    if (this.#soon !== undefined) this.#deliver();
    if (!this.#closed) this.#context.sink.failed(kubernetesFailure(this.#followed.cluster.name, error));
  }

  /** Watches that began together, after a restart of the server, do not end together. */
  #seconds(): number {
    const { watchSeconds } = this.#followed;
    return Math.max(1, Math.round(watchSeconds * (0.75 + Math.random() / 4)));
  }
}
