import { Worker } from 'node:worker_threads';
import { extname, join } from 'node:path';
import { backoffDelay } from '@headgate/shared/backoff';
import type { Clock } from '@headgate/shared/clock';
import type { SocketAddress } from '@headgate/shared/config/setting-types';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import type { SessionKeySet } from '../affinity/session-key.ts';
import type { Ejector } from '../health/ejector.ts';
import type { Forwarder } from '../proxy/forwarder.ts';
import { ProxyMetrics } from '../proxy/proxy-metrics.ts';
import { addCounters, setToSum } from '../proxy/sum-metrics.ts';
import { forgetLeftBackends } from '../proxy/forget-left-backends.ts';
import type { NameTable } from '../resolution/name-table.ts';
import type { Publication, ServingState } from '../routing/serving-state.ts';
import type { OwnerSlots } from '../upstream/owner-slots.ts';
import { CONNECTIONS, returnCounts, type SharedCounts } from '../upstream/shared-counts.ts';
import type { TrafficPlaces } from '../upstream/traffic-places.ts';
import { assertFreePort } from './assert-free-port.ts';
import type { FollowedChanges } from './followed-changes.ts';
import { LeftBehind } from './left-behind.ts';
import { performanceOrigin } from './performance-origin.ts';
import { ThreadHandle } from './thread-handle.ts';
import type { FromThread, PostedSessionKey, ThreadOrder, ThreadSettings, ToThread } from './thread-messages.ts';
import type { ThreadSet } from './thread-set.ts';

export interface ServingThreadsOptions {
  /** How many there are to be. */
  readonly size: number;
  readonly address: SocketAddress;
  readonly settings: ThreadSettings;
  readonly counts: SharedCounts;
  readonly slots: OwnerSlots;
  readonly places: TrafficPlaces;
  readonly threads: ThreadSet;
  readonly changes: FollowedChanges;
  readonly serving: ServingState;
  readonly ejector: Pick<Ejector, 'failedInRow'>;
  readonly sessionKeys: ReadableValue<SessionKeySet>;
  /** Of the servers that `serving` has. */
  readonly names: Pick<NameTable, 'known' | 'onChange'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: a worker thread with `thread-main`. */
  readonly createWorker?: ((order: ThreadOrder) => Worker) | undefined;
}

const RESTART = { baseMs: 100, maxMs: 10_000 };
/** A thread that has listened for so long makes the next pause a first one. */
const STEADY_MS = 10_000;
/** For a thread to tell its counts, before what it has told last is shown. */
const COUNTS_MS = 500;
/** For a thread to cut what is left and to write what it has to say, before it is ended. */
const CLOSE_MS = 5_000;

/**
 * The threads that serve traffic, each with an engine on the same port, as one forwarder.
 *
 * 1. A thread listens when it serves what all others do.
 * 2. A thread that ends, for whatever reason, loses its connections. What it has added to shared counts is taken off
 *    them, what it has counted stays, and another takes its place after a pause that grows.
 * 3. Draining, stopping and closing are for all of them; then none is replaced.
 */
export class ServingThreads implements Forwarder {
  /** Counts of all threads, those that are gone included, as of the last `gather`. */
  readonly metrics = new ProxyMetrics();
  readonly #options: ServingThreadsOptions;
  readonly #leftBehind: LeftBehind;
  /** What threads have counted that are gone. */
  readonly #gone = new ProxyMetrics();
  readonly #timers = new Set<() => void>();
  readonly #attempts: number[];
  #stops: readonly (() => void)[] = [];
  #address: SocketAddress | undefined;
  /** Takes the first free port for all; the others wait. */
  #first: ThreadHandle | undefined;
  #failStart: ((error: Error) => void) | undefined;
  #replaced = 0;
  #question = 0;
  #isDraining = false;
  #isStopping = false;

  constructor(options: ServingThreadsOptions) {
    this.#options = options;
    this.#leftBehind = new LeftBehind(options);
    this.#attempts = new Array<number>(options.size).fill(0);
  }

  get open(): { readonly connections: number; readonly tunnels: number } {
    const { counts, threads } = this.#options;
    const tunnels = threads.all.reduce((sum, thread) => sum + thread.counts.tunnels, 0);
    return { connections: counts.clients[CONNECTIONS]!, tunnels };
  }

  /** Threads that listen. */
  get listening(): number {
    return this.#options.threads.all.filter(({ isListening }) => isListening).length;
  }

  /** Threads that have taken another's place. */
  get replaced(): number {
    return this.#replaced;
  }

  /** Resolves when all of them listen; rejects when one cannot. The main thread has to serve something by then. */
  async start(): Promise<{ readonly host: string; readonly port: number }> {
    const { size, address, serving, sessionKeys, names, threads } = this.#options;
    await assertFreePort(address);
    if (address.port !== 0) this.#address = address;
    this.#stops = [
      serving.onPublish((publication) => this.#follow(publication)),
      sessionKeys.subscribe((keys) => threads.post(postedKeys(keys))),
      names.onChange((known) => threads.post({ kind: 'names', names: [known] })),
    ];
    const failed = new Promise<never>((_resolve, reject) => (this.#failStart = reject));
    for (let number = 0; number < size; number++) this.#spawn(number);
    await Promise.race([failed, threads.until(({ isListening }) => isListening, Infinity)]);
    this.#failStart = undefined;
    return this.#address!;
  }

  beginDrain(): void {
    this.#isDraining = true;
    this.#options.threads.post({ kind: 'beginDrain' });
  }

  async stopAccepting(): Promise<void> {
    this.#stopReplacing();
    this.#options.threads.post({ kind: 'stopAccepting' });
    await this.#options.threads.until(({ isStopped }) => isStopped, Infinity);
  }

  async close(): Promise<void> {
    this.#stopReplacing();
    const { threads } = this.#options;
    threads.post({ kind: 'close' });
    const left = await threads.until(() => false, CLOSE_MS);
    await Promise.all(left.map((thread) => thread.terminate('it took too long to close')));
    for (const stop of this.#stops) stop();
    this.#leftBehind.close();
  }

  /** Brings `metrics` up to date. A thread that does not answer in time is shown as it was. */
  async gather(): Promise<void> {
    const { threads } = this.#options;
    const question = ++this.#question;
    threads.post({ kind: 'tellCounts', question });
    await threads.until((thread) => !thread.isServing || thread.answered >= question, COUNTS_MS);
    setToSum(this.metrics, [this.#gone, ...threads.all.map(({ counts }) => counts)]);
  }

  #spawn(number: number): void {
    const { settings, counts, sessionKeys, names, threads, changes, createWorker = startWorker } = this.#options;
    const worker = createWorker({ thread: number, counts, clockOrigin: performanceOrigin(), settings });
    const thread: ThreadHandle = new ThreadHandle({
      number,
      worker,
      onMessage: (message) => this.#receive(thread, message),
      onGone: (reason) => this.#replace(thread, reason),
    });
    threads.add(thread);
    thread.post(postedKeys(sessionKeys.value));
    if (this.#isDraining) thread.post({ kind: 'beginDrain' });
    changes
      .bringUp(thread)
      // It knows which names it needs once it has the snapshot.
      .then(() => thread.post({ kind: 'names', names: [...names.known()] }))
      .catch((error: unknown) => thread.terminate(`it cannot be brought up: ${String(error)}`));
  }

  #receive(thread: ThreadHandle, message: FromThread): void {
    const { threads, slots, counts, ejector } = this.#options;
    switch (message.kind) {
      case 'committed':
        this.#letListen(thread);
        break;
      case 'settled':
        this.#leftBehind.look();
        break;
      case 'listening':
        this.#listens(thread, message.address);
        break;
      case 'failed':
        return void thread.terminate(message.reason);
      case 'failing': {
        const server = slots.get(message.server);
        if (server === undefined) break;
        ejector.failedInRow(server, message.failures);
        // Requests that were under way go on failing until the thread sees it.
        if (slots.ejected[server.slot] !== 0) Atomics.store(counts.failures, server.slot, 0);
        break;
      }
      case 'wake':
        threads.get(message.thread)?.post({ kind: 'wake' });
        break;
      default:
    }
    threads.look();
  }

  /** It has caught up. Without a port to listen on, the first one finds it. */
  #letListen(thread: ThreadHandle): void {
    if (thread.isServing || !this.#options.changes.isUpToDate(thread)) return;
    thread.isServing = true;
    const { address } = this.#options;
    if (this.#address !== undefined) thread.post({ kind: 'listen', address: this.#address });
    else if (this.#first === undefined || this.#first.isGone) {
      this.#first = thread;
      thread.post({ kind: 'listen', address });
    }
  }

  #listens(thread: ThreadHandle, address: SocketAddress): void {
    const { threads, clock, logger } = this.#options;
    logger.debug({ thread: thread.number, address }, 'a thread listens');
    this.#timers.add(clock.after(STEADY_MS, () => !thread.isGone && (this.#attempts[thread.number] = 0)));
    if (this.#address !== undefined) return;
    this.#address = address;
    for (const other of threads.all) if (other.isServing && other !== thread) other.post({ kind: 'listen', address });
  }

  /** Everything that it held comes free; connections are gone with it. */
  #replace(thread: ThreadHandle, reason: string): void {
    const { counts, slots, places, threads, clock, logger } = this.#options;
    const { number } = thread;
    returnCounts(counts, number, { slots: slots.used, backends: places.used });
    addCounters(this.#gone, thread.counts);
    threads.remove(thread);
    this.#leftBehind.look();
    this.#failStart?.(new Error(`a thread has ended: ${reason}`));
    if (this.#isStopping) return;
    const delayMs = backoffDelay(this.#attempts[number]!++, RESTART);
    logger.error(
      { thread: number, reason, delayMs },
      'a thread has ended: its connections are lost, another takes its place',
    );
    this.#timers.add(
      clock.after(delayMs, () => {
        this.#replaced++;
        this.#spawn(number);
      }),
    );
  }

  #stopReplacing(): void {
    this.#isStopping = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #follow(publication: Publication): void {
    const { before, after, changedBackends } = publication;
    const { threads, places, changes } = this.#options;
    for (const metrics of [this.#gone, ...threads.all.map(({ counts }) => counts)])
      forgetLeftBackends(metrics, publication);
    for (const name of changedBackends)
      if (before.backends.has(name) && !after.backends.has(name)) places.leave(name, changes.posted);
    void this.#options.serving.settled.then(() => this.#leftBehind.look());
  }
}

function startWorker(order: ThreadOrder): Worker {
  // As source in development and tests, as JavaScript from the build.
  const program = join(import.meta.dirname, '..', `thread-main${extname(import.meta.filename)}`);
  // A thread needs no setting of this process but those that it is given.
  return new Worker(program, { workerData: order, env: {}, execArgv: [], name: `headgate-${order.thread}` });
}

function postedKeys(keys: SessionKeySet): ToThread {
  const posted = keys.map(({ id, secret, issuing }): PostedSessionKey => {
    return { id, secret: new Uint8Array(secret), issuing };
  });
  return { kind: 'sessionKeys', keys: posted };
}
