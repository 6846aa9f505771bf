import { ManualClock } from '@headgate/shared/manual-clock';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { forgetFreedServers } from '../affinity/forget-freed-servers.ts';
import { SessionValues } from '../affinity/session-values.ts';
import type { ServerObserver } from '../health/server-observer.ts';
import { ServingState } from '../routing/serving-state.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { reconsiderQueues } from '../upstream/reconsider-queues.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { createDecide } from './decide.ts';
import type { Decide, ForwardExchange, RequestHead } from './forwarder.ts';
import { ProxyMetrics } from './proxy-metrics.ts';

/** The core without an engine: real tables, pickers and accounting, under a clock that is moved by hand. */
export class CoreStage {
  readonly clock = new ManualClock();
  readonly metrics = new ProxyMetrics();
  readonly slots = new ServerSlots();
  /** Without keys at first. */
  readonly values = new SessionValues();
  /** `backend/address:port ok` or `… failed`, in the order in which attempts were reported. */
  readonly reports: string[] = [];
  readonly #drains = new DrainTimers({ slots: this.slots, clock: this.clock });
  readonly serving: ServingState;
  readonly #decide: Decide;
  #version = 0;

  constructor(random?: () => number) {
    const { clock, slots, metrics, values } = this;
    forgetFreedServers(values, slots);
    this.serving = new ServingState({ slots, drains: this.#drains, clock, values });
    this.serving.onPublish(reconsiderQueues);
    const observer: ServerObserver = {
      succeeded: ({ key }) => void this.reports.push(`${key} ok`),
      failed: ({ key }) => void this.reports.push(`${key} failed`),
    };
    let ids = 0;
    this.#decide = createDecide({
      ...{ slots, clock, metrics, observer, accessLog: undefined, showVersion: false },
      ...(random === undefined ? {} : { random }),
      table: this.serving.table,
      cutSignal: (server) => this.#drains.cutSignal(server),
      isTrustedProxy: () => false,
      createRequestId: () => `id-${ids++}`,
    });
  }

  /** All there is from now on. */
  async publish(...upserts: readonly SnapshotObject[]): Promise<void> {
    const id = { epoch: 'e', version: ++this.#version };
    const prepared = await this.serving.prepare({ id, full: true, upserts, removals: [] });
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
    await this.serving.settled;
  }

  /** A request for a.test that is to be forwarded. */
  request(method = 'GET', rest: Partial<RequestHead> = {}): ForwardExchange {
    const decision = this.#decide({
      method,
      target: '/',
      version: '1.1',
      rawHeaders: ['Host', 'a.test'],
      clientAddress: '192.0.2.1',
      clientPort: 4711,
      encrypted: false,
      upgrade: false,
      ...rest,
    });
    if (decision.kind !== 'forward') throw new Error(`not forwarded: ${decision.answer.reason}`);
    return decision.exchange;
  }

  /** What is under way for a backend now. */
  traffic(backend: string): { readonly inFlight: number; readonly retries: number; readonly waiting: number } {
    const { inFlight, retries, queue } = this.serving.table.value.backends.get(backend)!.traffic;
    return { inFlight, retries, waiting: queue?.length ?? 0 };
  }

  /** Requests that are counted on servers, those that drain included. */
  get inFlight(): number {
    return [...this.slots.values()].reduce((sum, { slot }) => sum + this.slots.inFlight[slot]!, 0);
  }

  close(): void {
    this.#drains.close();
  }
}
