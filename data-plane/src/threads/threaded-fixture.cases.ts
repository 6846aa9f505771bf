import { systemClock, every } from '@headgate/shared/clock';
import { configurationSchema, type ConfigurationDocument } from '@headgate/shared/model/configuration';
import { AccessLog } from '../proxy/access-log.ts';
import { objectsOf, singleAddress } from '../proxy/conformance/core-fixture.ts';
import { ExchangeWitness } from '../proxy/conformance/exchange-witness.ts';
import type {
  AccessLine,
  ForwarderFixture,
  ForwarderSettings,
  RunningForwarder,
} from '../proxy/conformance/fixture.ts';
import { forwarderAddress } from '../proxy/conformance/forwarder-address.ts';
import { createDecide, createRefuse } from '../proxy/decide.ts';
import { createForwarder, type EngineName } from '../proxy/engines.ts';
import { forwarderLimitDefaults, type Forwarder } from '../proxy/forwarder.ts';
import { ProxyMetrics } from '../proxy/proxy-metrics.ts';
import { createRequestIds } from '../proxy/request-id.ts';
import { createTrustedProxies } from '@headgate/shared/forwarded/trusted-proxies';
import { NameTable } from '../resolution/name-table.ts';
import { ServingState } from '../routing/serving-state.ts';
import type { SnapshotChange } from '../routing/serving-table.ts';
import type { BackendTraffic } from '../upstream/backend-traffic.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { reconsiderQueues } from '../upstream/reconsider-queues.ts';
import { SharedTraffic } from '../upstream/shared-traffic.ts';
import { ThreadSlots } from '../upstream/thread-slots.ts';
import { SharedClients } from './shared-clients.ts';
import { Threading } from './threading.ts';

const THREADS = 2;

/** What one thread has, in the thread of the test: an engine of its own on the same port, and counts that are shared. */
interface Lane {
  readonly slots: ThreadSlots;
  readonly drains: DrainTimers;
  readonly serving: ServingState;
  readonly waiting: Set<BackendTraffic>;
}

/** Two engines on one port, with the core that threads have. */
export function threadedFixture(engine: EngineName): ForwarderFixture {
  return {
    start: async (settings) => {
      const forwarder = new ThreadedForwarder(settings);
      await forwarder.publish(settings.configuration);
      await forwarder.listen(engine);
      return forwarder;
    },
  };
}

class ThreadedForwarder implements RunningForwarder {
  readonly metrics = new ProxyMetrics();
  readonly #settings: ForwarderSettings;
  readonly #lines: AccessLine[] = [];
  readonly #witness = new ExchangeWitness();
  readonly #accessLog: AccessLog;
  readonly #threading = new Threading(THREADS, systemClock);
  readonly #serving: ServingState;
  readonly #lanes: readonly Lane[];
  readonly #engines: Forwarder[] = [];
  readonly #stopSweeping: () => void;
  #version = 0;
  #port = 0;

  constructor(settings: ForwarderSettings) {
    this.#settings = settings;
    const { slots, places } = this.#threading;
    const sink = { write: (text: string) => this.#log(text), once: () => undefined };
    this.#accessLog = new AccessLog({ sink, clock: systemClock });
    const drains = new DrainTimers({ slots, clock: systemClock });
    this.#serving = new ServingState({ slots, drains, traffic: (backend) => places.traffic(backend) });
    this.#lanes = Array.from({ length: THREADS }, (_, thread) => this.#lane(thread));
    this.#stopSweeping = every(systemClock, 10, () => this.#sweep());
  }

  get port(): number {
    return this.#port;
  }

  get open(): RunningForwarder['open'] {
    const open = this.#engines.map((engine) => engine.open);
    return {
      connections: open.reduce((sum, { connections }) => sum + connections, 0),
      tunnels: open.reduce((sum, { tunnels }) => sum + tunnels, 0),
    };
  }

  get accessLines(): readonly AccessLine[] {
    this.#accessLog.flush();
    return this.#lines;
  }

  get inFlight(): number {
    const { slots, counts } = this.#threading;
    return [...slots.values()].reduce((sum, { slot }) => sum + counts.inFlight[slot]!, 0);
  }

  get breaches(): readonly string[] {
    return this.#witness.breaches;
  }

  get exchangesOpen(): number {
    return this.#witness.open;
  }

  async publish(configuration: ConfigurationDocument): Promise<void> {
    const id = { epoch: 'conformance', version: ++this.#version };
    const change = { id, full: true, upserts: objectsOf(configurationSchema.parse(configuration)), removals: [] };
    const prepared = await this.#serving.prepare(change);
    if (!prepared.ok) throw new Error(`no valid configuration: ${JSON.stringify(prepared.faults)}`);
    this.#threading.slots.begins(this.#version);
    const commits = await Promise.all(this.#lanes.map((lane) => this.#prepare(lane, change)));
    for (const commit of [...commits, prepared]) commit.commit();
    await Promise.all([this.#serving, ...this.#lanes.map(({ serving }) => serving)].map(({ settled }) => settled));
    this.#sweep();
  }

  async listen(name: EngineName): Promise<void> {
    for (const [thread, lane] of this.#lanes.entries()) {
      const engine = this.#engine(name, thread, lane);
      this.#engines.push(engine);
      this.#port = (await engine.start()).port;
    }
  }

  beginDrain(): void {
    for (const engine of this.#engines) engine.beginDrain();
  }

  async stopAccepting(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.stopAccepting()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.close()));
    this.#accessLog.close();
    this.#stopSweeping();
    for (const { drains } of this.#lanes) drains.close();
  }

  #lane(thread: number): Lane {
    const { counts, places } = this.#threading;
    const slots = new ThreadSlots(counts, thread);
    const drains = new DrainTimers({ slots, clock: systemClock });
    const waiting = new Set<BackendTraffic>();
    const lines = { waiting, wake: (other: number) => setImmediate(() => this.#serveWaiting(other)) };
    const traffic = (backend: string) => new SharedTraffic({ counts, place: places.placeOf(backend)!, thread, lines });
    const serving = new ServingState({ slots, drains, traffic });
    serving.onPublish(reconsiderQueues);
    return { slots, drains, serving, waiting };
  }

  #engine(name: EngineName, thread: number, { slots, drains, serving }: Lane): Forwarder {
    const { metrics } = this;
    const { limits, accessLog, showVersion = false, trustedProxies = [] } = this.#settings;
    const core = {
      ...{ metrics, slots, showVersion, clock: systemClock, table: serving.table },
      accessLog: accessLog === false ? undefined : this.#accessLog,
      cutSignal: drains.cutSignal.bind(drains),
      isTrustedProxy: createTrustedProxies(trustedProxies.map(singleAddress)),
      createRequestId: createRequestIds(),
    };
    const all = { ...forwarderLimitDefaults, ...limits };
    return createForwarder(name, {
      ...{ metrics, slots, limits: all, names: new NameTable(), clock: systemClock },
      decide: this.#witness.decide(createDecide(core)),
      refuse: this.#witness.refuse(createRefuse(core)),
      clients: new SharedClients(this.#threading.counts, thread, all.clientConnections),
      address: { host: forwarderAddress, port: this.#port, reusePort: true },
    });
  }

  async #prepare({ slots, serving }: Lane, change: SnapshotChange): Promise<{ commit(): void }> {
    slots.number(new Map([...this.#threading.slots.values()].map(({ key, slot }) => [key, slot])));
    const prepared = await serving.prepare(change);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    return prepared;
  }

  #sweep(): void {
    const keys = this.#threading.slots.sweep(this.#version);
    for (const { slots } of this.#lanes) for (const key of keys) slots.letGo(key);
  }

  #serveWaiting(thread: number): void {
    for (const { queue } of [...this.#lanes[thread]!.waiting]) queue?.serve();
  }

  #log(text: string): boolean {
    for (const line of text.trimEnd().split('\n')) this.#lines.push(JSON.parse(line) as AccessLine);
    return true;
  }
}
