import { ManualClock } from '@headgate/shared/manual-clock';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { FailureCounter } from '../health/failure-counter.ts';
import { SeededRandom } from '../proxy/conformance/seeded-random.ts';
import { createDecide } from '../proxy/decide.ts';
import type { Decide, ForwardExchange } from '../proxy/forwarder.ts';
import { ProxyMetrics } from '../proxy/proxy-metrics.ts';
import { ServingState } from '../routing/serving-state.ts';
import type { SnapshotChange } from '../routing/serving-table.ts';
import type { BackendTraffic } from '../upstream/backend-traffic.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { OwnerSlots } from '../upstream/owner-slots.ts';
import { reconsiderQueues } from '../upstream/reconsider-queues.ts';
import { createSharedCounts, returnCounts, type SharedCounts } from '../upstream/shared-counts.ts';
import { SharedTraffic } from '../upstream/shared-traffic.ts';
import { ThreadSlots } from '../upstream/thread-slots.ts';
import { TrafficPlaces } from '../upstream/traffic-places.ts';

/** What one thread decides by, in the thread of the test. */
export class Lane {
  readonly slots: ThreadSlots;
  readonly metrics = new ProxyMetrics();
  readonly waiting = new Set<BackendTraffic>();
  /** `server failures`, of rows of failures that this thread has completed. */
  readonly reports: string[] = [];
  readonly serving: ServingState;
  readonly drains: DrainTimers;
  readonly #decide: Decide;

  constructor(stage: ThreadStage, thread: number) {
    const { clock, counts } = stage;
    const { metrics } = this;
    this.slots = new ThreadSlots(counts, thread);
    const { slots } = this;
    this.drains = new DrainTimers({ slots, clock });
    const lines = { waiting: this.waiting, wake: (other: number) => stage.wake(other) };
    const traffic = (backend: string) =>
      new SharedTraffic({ counts, place: stage.places.placeOf(backend)!, thread, lines });
    const lots = new SeededRandom(thread + 1);
    const random = () => lots.below(1_000_000) / 1_000_000;
    this.serving = new ServingState({ slots, drains: this.drains, clock, random, traffic });
    this.serving.onPublish(reconsiderQueues);
    const observer = new FailureCounter({
      slots,
      failures: counts.failures,
      report: ({ key }, failures) => void this.reports.push(`${key} ${failures}`),
    });
    this.#decide = createDecide({
      ...{ slots, clock, metrics, observer, accessLog: undefined, showVersion: false },
      table: this.serving.table,
      cutSignal: (server) => this.drains.cutSignal(server),
      isTrustedProxy: () => false,
      createRequestId: () => `id-${thread}`,
    });
  }

  request(method = 'GET'): ForwardExchange {
    const decision = this.#decide({
      ...{ method, target: '/', version: '1.1', rawHeaders: ['Host', 'a.test'] },
      ...{ clientAddress: '192.0.2.1', clientPort: 4711, encrypted: false, upgrade: false },
    });
    if (decision.kind !== 'forward') throw new Error(`not forwarded: ${decision.answer.reason}`);
    return decision.exchange;
  }

  serveWaiting(): void {
    for (const { queue } of [...this.waiting]) queue?.serve();
  }
}

/** A main thread and what its threads decide by, all in one thread, so that a test says what happens when. */
export class ThreadStage {
  readonly clock = new ManualClock();
  readonly counts: SharedCounts;
  readonly slots: OwnerSlots;
  readonly places: TrafficPlaces;
  readonly serving: ServingState;
  readonly lanes: readonly Lane[];
  /** Threads that were told that something is free for them. */
  readonly woken: number[] = [];
  /** Whether threads that are woken look at once. */
  wakesAtOnce = true;
  #version = 0;

  constructor(threads: number) {
    this.counts = createSharedCounts(threads);
    const { counts, clock } = this;
    this.slots = new OwnerSlots(counts);
    this.places = new TrafficPlaces(counts);
    const { slots, places } = this;
    const drains = new DrainTimers({ slots, clock });
    this.serving = new ServingState({ slots, drains, clock, traffic: (backend) => places.traffic(backend) });
    this.serving.onPublish(({ before, after, changedBackends }) => {
      for (const name of changedBackends)
        if (before.backends.has(name) && !after.backends.has(name)) places.leave(name, this.#version);
    });
    this.lanes = Array.from({ length: threads }, (_, thread) => new Lane(this, thread));
  }

  /** All there is from now on, in all threads. */
  async publish(...upserts: readonly SnapshotObject[]): Promise<void> {
    const change = { id: { epoch: 'e', version: ++this.#version }, full: true, upserts, removals: [] };
    const prepared = await this.serving.prepare(change);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    this.slots.begins(this.#version);
    for (const lane of this.lanes) await this.#follow(lane, change);
    prepared.commit();
    await this.serving.settled;
    this.sweep();
  }

  /** What the main thread does now and then. */
  sweep(): readonly string[] {
    const keys = this.slots.sweep(this.#version);
    this.places.sweep(this.#version);
    for (const lane of this.lanes) for (const key of keys) lane.slots.letGo(key);
    return keys;
  }

  /** A thread is gone. */
  crash(thread: number): void {
    returnCounts(this.counts, thread, { slots: this.slots.used, backends: this.places.used });
  }

  wake(thread: number): void {
    this.woken.push(thread);
    if (this.wakesAtOnce) queueMicrotask(() => this.lanes[thread]!.serveWaiting());
  }

  /** Requests that are counted on servers. */
  get inFlight(): number {
    return [...this.slots.values()].reduce((sum, { slot }) => sum + this.counts.inFlight[slot]!, 0);
  }

  traffic(backend: string): { readonly inFlight: number; readonly retries: number; readonly waiting: number } {
    const { inFlight, retries, waiting } = this.serving.table.value.backends.get(backend)!.traffic;
    return { inFlight, retries, waiting };
  }

  async #follow({ slots, serving }: Lane, change: SnapshotChange): Promise<void> {
    slots.number(new Map([...this.slots.values()].map(({ key, slot }) => [key, slot])));
    const prepared = await serving.prepare(change);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
    await serving.settled;
  }
}
