import { forwarderAddress } from './forwarder-address.ts';
import { isIPv6 } from 'node:net';
import { systemClock } from '@headgate/shared/clock';
import { canonicalBackend, resolveBackend } from '@headgate/shared/model/backend';
import { configurationSchema, type ConfigurationDocument } from '@headgate/shared/model/configuration';
import { canonicalHost, resolveHost } from '@headgate/shared/model/host';
import { resolveServer } from '@headgate/shared/model/server';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { NameTable } from '../../resolution/name-table.ts';
import { ServingState } from '../../routing/serving-state.ts';
import { DrainTimers } from '../../upstream/drain-timers.ts';
import { reconsiderQueues } from '../../upstream/reconsider-queues.ts';
import { ServerSlots } from '../../upstream/server-slots.ts';
import { AccessLog } from '../access-log.ts';
import { createDecide, createRefuse } from '../decide.ts';
import type { ForwarderOptions } from '../forwarder-options.ts';
import { forwarderLimitDefaults, type Forwarder } from '../forwarder.ts';
import { ProxyMetrics } from '../proxy-metrics.ts';
import { createRequestIds } from '../request-id.ts';
import { createTrustedProxies } from '@headgate/shared/forwarded/trusted-proxies';
import { ExchangeWitness } from './exchange-witness.ts';
import type { AccessLine, ForwarderFixture, ForwarderSettings, RunningForwarder } from './fixture.ts';

type CreateForwarder = (options: ForwarderOptions) => Forwarder;

/** Forwarders of an engine with the real core behind it: tables compiled from snapshots, pickers, accounting. */
export function coreFixture(create: CreateForwarder): ForwarderFixture {
  return {
    start: (settings) => CoreForwarder.start(settings, create),
  };
}

class CoreForwarder implements RunningForwarder {
  readonly metrics = new ProxyMetrics();
  readonly #lines: AccessLine[] = [];
  readonly #slots = new ServerSlots();
  readonly #drains = new DrainTimers({ slots: this.#slots, clock: systemClock });
  readonly #serving = new ServingState({ slots: this.#slots, drains: this.#drains });
  readonly #witness = new ExchangeWitness();
  readonly #accessLog: AccessLog;
  readonly #engine: Forwarder;
  #version = 0;
  #port = 0;

  private constructor(settings: ForwarderSettings, create: CreateForwarder) {
    const { metrics } = this;
    this.#accessLog = new AccessLog({
      sink: { write: (text) => this.#log(text), once: () => undefined },
      clock: systemClock,
    });
    const accounting = {
      metrics,
      accessLog: settings.accessLog === false ? undefined : this.#accessLog,
      showVersion: settings.showVersion ?? false,
      clock: systemClock,
    };
    const options = {
      ...accounting,
      table: this.#serving.table,
      slots: this.#slots,
      cutSignal: this.#drains.cutSignal.bind(this.#drains),
      isTrustedProxy: createTrustedProxies((settings.trustedProxies ?? []).map(singleAddress)),
      createRequestId: createRequestIds(),
    };
    this.#serving.onPublish(reconsiderQueues);
    this.#engine = create({
      decide: this.#witness.decide(createDecide(options)),
      refuse: this.#witness.refuse(createRefuse(options)),
      limits: { ...forwarderLimitDefaults, ...settings.limits },
      metrics,
      clock: systemClock,
      slots: this.#slots,
      names: new NameTable(),
      address: { host: forwarderAddress, port: 0 },
    });
  }

  static async start(settings: ForwarderSettings, create: CreateForwarder): Promise<CoreForwarder> {
    const forwarder = new CoreForwarder(settings, create);
    await forwarder.publish(settings.configuration);
    forwarder.#port = (await forwarder.#engine.start()).port;
    return forwarder;
  }

  get port(): number {
    return this.#port;
  }

  get open(): RunningForwarder['open'] {
    return this.#engine.open;
  }

  get accessLines(): readonly AccessLine[] {
    this.#accessLog.flush();
    return this.#lines;
  }

  get inFlight(): number {
    return [...this.#slots.values()].reduce((sum, server) => sum + this.#slots.inFlight[server.slot]!, 0);
  }

  get breaches(): readonly string[] {
    return this.#witness.breaches;
  }

  get exchangesOpen(): number {
    return this.#witness.open;
  }

  async publish(configuration: ConfigurationDocument): Promise<void> {
    const id = { epoch: 'conformance', version: ++this.#version };
    const upserts = objectsOf(configurationSchema.parse(configuration));
    const prepared = await this.#serving.prepare({ id, full: true, upserts, removals: [] });
    if (!prepared.ok) throw new Error(`no valid configuration: ${JSON.stringify(prepared.faults)}`);
    prepared.commit();
  }

  beginDrain(): void {
    this.#engine.beginDrain();
  }

  stopAccepting(): Promise<void> {
    return this.#engine.stopAccepting();
  }

  async close(): Promise<void> {
    await this.#engine.close();
    this.#accessLog.close();
    this.#drains.close();
  }

  #log(text: string): boolean {
    for (const line of text.trimEnd().split('\n')) this.#lines.push(JSON.parse(line) as AccessLine);
    return true;
  }
}

/** The objects of a configuration. */
export function objectsOf(configuration: ConfigurationDocument): readonly SnapshotObject[] {
  const backends = configuration.backends.map(canonicalBackend);
  return [
    ...backends.map((document): SnapshotObject => ({ kind: 'backend', value: resolveBackend(document) })),
    ...backends.flatMap(({ name, servers = [] }) =>
      servers.map((server): SnapshotObject => ({ kind: 'server', value: resolveServer(name, server) })),
    ),
    ...configuration.hosts.map((document): SnapshotObject => ({
      kind: 'host',
      value: resolveHost(canonicalHost(document)),
    })),
  ];
}

/** The network of one address. */
export function singleAddress(address: string): { address: string; prefixLength: number; family: 'ipv4' | 'ipv6' } {
  return isIPv6(address)
    ? { address, prefixLength: 128, family: 'ipv6' }
    : { address, prefixLength: 32, family: 'ipv4' };
}
