import { every, type Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import { forgetFreedServers } from '../affinity/forget-freed-servers.ts';
import { SessionValues } from '../affinity/session-values.ts';
import { FailureCounter } from '../health/failure-counter.ts';
import { AccessLog } from '../proxy/access-log.ts';
import { ChangedCounts } from '../proxy/changed-counts.ts';
import { createProxy } from '../proxy/create-proxy.ts';
import type { Forwarder } from '../proxy/forwarder.ts';
import { ProxyMetrics } from '../proxy/proxy-metrics.ts';
import { forgetLeftBackends } from '../proxy/forget-left-backends.ts';
import { followNames } from '../resolution/follow-names.ts';
import { NameTable } from '../resolution/name-table.ts';
import { ServingState } from '../routing/serving-state.ts';
import { TimeSlice, YIELD_EVERY_MS } from '../routing/time-slice.ts';
import type { BackendTraffic } from '../upstream/backend-traffic.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { reconsiderQueues } from '../upstream/reconsider-queues.ts';
import { SharedTraffic } from '../upstream/shared-traffic.ts';
import { ThreadSlots } from '../upstream/thread-slots.ts';
import { alignedClock } from './aligned-clock.ts';
import { unpackChange, type PackedChange } from './packed-change.ts';
import { SharedClients } from './shared-clients.ts';
import type { FromThread, PostedSessionKey, ThreadOrder, ToThread } from './thread-messages.ts';
import type { ThreadOutput } from './thread-output.ts';

export interface ServedThreadOptions {
  readonly order: ThreadOrder;
  readonly post: (message: FromThread) => void;
  readonly output: ThreadOutput;
  readonly logger: Logger;
}

/** Counts are told without being asked this often, for when the thread ends without a word. */
const TELL_EVERY_MS = 1_000;

/**
 * A thread that serves traffic: table, pickers, sessions and engine of its own, everything else from the main thread.
 * What changes what is served is carried out in the order in which it comes, one after the other.
 */
export class ServedThread {
  readonly #options: ServedThreadOptions;
  readonly #clock: Clock;
  readonly #slots: ThreadSlots;
  readonly #sessions: SessionValues;
  readonly #drains: DrainTimers;
  readonly #serving: ServingState;
  /** The main thread looks names up. */
  readonly #names = new NameTable();
  readonly #metrics = new ProxyMetrics();
  readonly #changedCounts = new ChangedCounts(this.#metrics);
  readonly #accessLog: AccessLog | undefined;
  /** Backends of this thread for which somebody waits. */
  readonly #waiting = new Set<BackendTraffic>();
  readonly #stopTelling: () => void;
  #places: ReadonlyMap<string, number> = new Map();
  #prepared: (() => void) | undefined;
  #work: Promise<void> = Promise.resolve();
  #forwarder: Forwarder | undefined;
  #isDraining = false;
  #isStopping = false;

  constructor(options: ServedThreadOptions) {
    this.#options = options;
    const { counts, thread, clockOrigin, settings } = options.order;
    const clock = alignedClock(clockOrigin);
    this.#clock = clock;
    this.#slots = new ThreadSlots(counts, thread);
    this.#sessions = new SessionValues({ clock });
    this.#drains = new DrainTimers({ slots: this.#slots, clock });
    const traffic = (backend: string): BackendTraffic => this.#traffic(backend);
    this.#serving = new ServingState({
      ...{ slots: this.#slots, drains: this.#drains, values: this.#sessions, clock, traffic },
    });
    forgetFreedServers(this.#sessions, this.#slots);
    followNames(this.#serving, this.#names);
    this.#serving.onPublish(reconsiderQueues);
    this.#serving.onPublish((publication) => forgetLeftBackends(this.#metrics, publication));
    this.#accessLog = settings.accessLog ? new AccessLog({ sink: options.output, clock }) : undefined;
    this.#stopTelling = every(clock, TELL_EVERY_MS, () => this.tellCounts(0));
  }

  receive(message: ToThread): void {
    switch (message.kind) {
      case 'wake':
        return this.#serveWaiting();
      case 'tellCounts':
        return this.tellCounts(message.question);
      case 'beginDrain':
        this.#isDraining = true;
        return this.#forwarder?.beginDrain();
      case 'stopAccepting':
        return void this.#stopAccepting();
      case 'close':
        return void this.#close();
      default:
        this.#work = this.#work.then(() => this.#follow(message)).catch((error: unknown) => this.#fail(error));
    }
  }

  /** Tells what was counted since it was told last. */
  tellCounts(question: number): void {
    this.#options.post({ kind: 'counts', question, counts: this.#changedCounts.take() });
  }

  async #follow(
    message: Extract<ToThread, { kind: 'sessionKeys' | 'load' | 'prepare' | 'commit' | 'names' | 'letGo' | 'listen' }>,
  ): Promise<void> {
    switch (message.kind) {
      case 'sessionKeys':
        return this.#sessions.adopt(message.keys.map(toSessionKey));
      case 'load':
        await this.#prepare(message.change);
        return this.#commit(message.number);
      case 'prepare':
        await this.#prepare(message.change);
        return this.#options.post({ kind: 'prepared', number: message.number });
      case 'commit':
        return this.#commit(message.number);
      case 'names':
        return message.names.forEach((known) => this.#names.note(known));
      case 'letGo':
        return message.servers.forEach((server) => this.#slots.letGo(server));
      case 'listen':
        return this.#listen(message.address);
    }
  }

  async #prepare(packed: PackedChange): Promise<void> {
    const slice = new TimeSlice(YIELD_EVERY_MS, this.#clock);
    const { change, servers, backends } = await unpackChange(packed, slice);
    this.#slots.number(servers);
    this.#places = backends;
    const prepared = await this.#serving.prepare(change);
    if (!prepared.ok)
      throw new Error(`the main thread serves what is refused here: ${JSON.stringify(prepared.faults)}`);
    this.#prepared = () => prepared.commit();
  }

  #commit(number: number): void {
    this.#prepared?.();
    this.#prepared = undefined;
    const { post } = this.#options;
    post({ kind: 'committed', number });
    void this.#serving.settled.then(() => post({ kind: 'settled', number }));
  }

  #traffic(backend: string): BackendTraffic {
    const place = this.#places.get(backend);
    if (place === undefined) throw new Error(`the main thread has not said where ${backend} is counted`);
    const { counts, thread } = this.#options.order;
    const lines = { waiting: this.#waiting, wake: (other: number) => this.#wake(other) };
    return new SharedTraffic({ counts, place, thread, lines });
  }

  /** Once is enough until the other thread has looked. */
  #wake(thread: number): void {
    const { woken } = this.#options.order.counts;
    if (Atomics.exchange(woken, thread, 1) === 0) this.#options.post({ kind: 'wake', thread });
  }

  #serveWaiting(): void {
    const { counts, thread } = this.#options.order;
    Atomics.store(counts.woken, thread, 0);
    for (const { queue } of [...this.#waiting]) queue?.serve();
  }

  async #listen({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    if (this.#isStopping) return;
    const { order, post } = this.#options;
    const { settings, thread, counts } = order;
    const slots = this.#slots;
    const forwarder = createProxy({
      ...{ settings, slots, metrics: this.#metrics, accessLog: this.#accessLog, clock: this.#clock },
      ...{ table: this.#serving.table, drains: this.#drains, names: this.#names },
      address: { host, port, reusePort: true },
      clients: new SharedClients(counts, thread, settings.clientConnections),
      observer: new FailureCounter({
        slots,
        failures: counts.failures,
        report: ({ key: server }, failures) => post({ kind: 'failing', server, failures }),
      }),
    });
    const address = await forwarder.start();
    this.#forwarder = forwarder;
    if (this.#isStopping) void forwarder.stopAccepting();
    if (this.#isDraining) forwarder.beginDrain();
    post({ kind: 'listening', address });
  }

  async #stopAccepting(): Promise<void> {
    this.#isStopping = true;
    await this.#forwarder?.stopAccepting();
    this.#options.post({ kind: 'stopped' });
  }

  /** Everything that was counted and logged has left when `closed` does. */
  async #close(): Promise<void> {
    this.#isStopping = true;
    await this.#forwarder?.close();
    this.#stopTelling();
    this.#drains.close();
    this.#accessLog?.close();
    await this.#options.output.flushed();
    this.tellCounts(0);
    this.#options.post({ kind: 'closed' });
  }

  #fail(error: unknown): void {
    this.#options.logger.error({ err: error, thread: this.#options.order.thread }, 'the thread cannot go on');
    this.#options.post({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

function toSessionKey({ id, secret, issuing }: PostedSessionKey) {
  return { id, secret: Buffer.from(secret), issuing };
}
