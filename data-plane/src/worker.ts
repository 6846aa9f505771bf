import { join } from 'node:path';
import type { Clock } from '@headgate/shared/clock';
import { formatSocketAddress } from '@headgate/shared/config/setting-types';
import type { Logger } from '@headgate/shared/logger';
import { softwareVersion } from '@headgate/shared/software-version';
import type { TlsFiles } from '@headgate/shared/tls/tls-files';
import type { Registry } from 'prom-client';
import { AdminServer } from './admin/admin-server.ts';
import { configurationDump } from './admin/configuration-dump.ts';
import { notReadyReason } from './admin/readiness.ts';
import { forgetFreedServers } from './affinity/forget-freed-servers.ts';
import { SessionValues } from './affinity/session-values.ts';
import { adminIsLocal, type Settings } from './config/settings.ts';
import { createExplain, type Explain } from './explain/create-explain.ts';
import { Ejector } from './health/ejector.ts';
import { HealthTable } from './health/health-table.ts';
import { loadVerdicts } from './health/load-verdicts.ts';
import { MergedDeviations } from './health/merged-deviations.ts';
import { Prober } from './health/prober.ts';
import type { RestoredVerdicts } from './health/restored-verdicts.ts';
import { VerdictCopy } from './health/verdict-copy.ts';
import { AccessLog } from './proxy/access-log.ts';
import { createProxy } from './proxy/create-proxy.ts';
import { forgetLeftBackends } from './proxy/forget-left-backends.ts';
import type { Forwarder } from './proxy/forwarder.ts';
import { ProxyMetrics } from './proxy/proxy-metrics.ts';
import { createTrustedProxies } from '@headgate/shared/forwarded/trusted-proxies';
import { followNames } from './resolution/follow-names.ts';
import { NameReader } from './resolution/name-reader.ts';
import { NameResolution } from './resolution/name-resolution.ts';
import { NameTable } from './resolution/name-table.ts';
import { ServingState } from './routing/serving-state.ts';
import { DiskCopy } from './sync/disk-copy.ts';
import { restoreCopy } from './sync/restore-copy.ts';
import { SessionKeyCopy } from './sync/session-key-copy.ts';
import { SnapshotKeeper } from './sync/snapshot-keeper.ts';
import { StatusBoard } from './sync/status-board.ts';
import { exportHealthMetrics } from './telemetry/export-health-metrics.ts';
import { exportNameMetrics } from './telemetry/export-name-metrics.ts';
import { exportProxyMetrics } from './telemetry/export-proxy-metrics.ts';
import { exportThreadMetrics } from './telemetry/export-thread-metrics.ts';
import { exportTlsMetrics } from './telemetry/export-tls-metrics.ts';
import { createRegistry } from './telemetry/registry.ts';
import type { FollowedChanges } from './threads/followed-changes.ts';
import type { ServingThreads } from './threads/serving-threads.ts';
import { threadCount } from './threads/thread-count.ts';
import { threadSettingsOf } from './threads/thread-settings-of.ts';
import type { Threading } from './threads/threading.ts';
import { DrainTimers } from './upstream/drain-timers.ts';
import { reconsiderQueues, serveQueueOf } from './upstream/reconsider-queues.ts';
import { ServerSlots } from './upstream/server-slots.ts';

/** How long a data plane with a disk copy waits for a control plane before it is ready without. */
const CONTROL_PLANE_WAIT_MS = 2_000;

export interface WorkerOptions {
  readonly settings: Settings;
  /** For the connection to control planes, started and closed by the worker; undefined for plain text. */
  readonly tls: TlsFiles | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** What requests are served by, and what is known about servers. */
class Serving {
  readonly slots: ServerSlots;
  readonly sessions: SessionValues;
  readonly drains: DrainTimers;
  readonly state: ServingState;
  readonly names = new NameTable();
  readonly health: HealthTable;
  readonly ejector: Ejector;
  /** Servers that get no traffic, because of their probes or of their requests. */
  readonly deviations: MergedDeviations;

  /** `threading` where several threads serve. */
  constructor({ clock, logger }: WorkerOptions, threading: Threading | undefined) {
    this.slots = threading?.slots ?? new ServerSlots();
    const traffic = threading?.places.traffic.bind(threading.places);
    this.drains = new DrainTimers({ slots: this.slots, clock });
    this.sessions = new SessionValues({ clock });
    forgetFreedServers(this.sessions, this.slots);
    this.state = new ServingState({ slots: this.slots, drains: this.drains, values: this.sessions, clock, traffic });
    this.health = new HealthTable({ slots: this.slots, clock });
    this.ejector = new Ejector({ serving: this.state, slots: this.slots, clock, logger });
    this.deviations = new MergedDeviations({ probed: this.health, ejected: this.ejector });
  }
}

interface ThreadedParts {
  readonly threading: Threading;
  readonly changes: FollowedChanges;
  readonly sessionKeys: SessionKeyCopy;
  readonly registry: Registry;
}

/**
 * The composition root of a data plane. It serves what its disk copy says before it asks a control plane, and is closed
 * in two steps: `drain` lets requests and tunnels end, `close` cuts what is left.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #closers: (() => Promise<void> | void)[] = [];
  #forwarder: Forwarder | undefined;
  /** Where there are several. */
  #threads: ServingThreads | undefined;
  #stopping = false;
  /** A control plane that neither answers nor refuses is as good as away. */
  #waitedLongEnough = false;

  private constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Resolves once everything listens. What was started is closed again when something cannot. */
  static async start(options: WorkerOptions): Promise<Worker> {
    const worker = new Worker(options);
    try {
      await worker.#start();
      return worker;
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  /** Not ready from now on; accepts for a while, then lets requests and tunnels end within the time they are given. */
  async drain(): Promise<void> {
    const { settings, clock, logger } = this.#options;
    this.#stopping = true;
    this.#forwarder?.beginDrain();
    await new Promise<void>((resolve) => clock.after(settings.shutdownDelayMs, resolve));
    const ended = this.#forwarder?.stopAccepting();
    const late = new Promise<void>((resolve) => clock.after(settings.shutdownTimeoutMs, resolve));
    await Promise.race([ended, late]);
    logger.info({ left: this.#forwarder?.open }, 'drained');
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  async #start(): Promise<void> {
    const { settings, tls, clock, logger } = this.#options;
    const registry = createRegistry();
    exportTlsMetrics(registry, tls);
    tls?.start();
    this.#closers.push(() => tls?.close());
    const threads = await threadCount(settings.threads, logger);
    const threading = threads === 1 ? undefined : await createThreading(threads, clock);
    const serving = new Serving(this.#options, threading);
    const changes = threading?.changes(serving.state, { clock, logger });
    this.#closers.push(() => serving.drains.close());

    const copy = await DiskCopy.open({ path: settings.stateDir, clock, logger, registry });
    this.#closers.push(() => copy.close());
    const sessionKeys = await SessionKeyCopy.open({
      path: join(settings.stateDir, 'session-keys.json'),
      clock,
      logger,
    });
    this.#closers.push(() => sessionKeys.close());
    sessionKeys.keys.subscribe((keys) => void serving.sessions.adopt(keys));
    const board = new StatusBoard({ clock, logger, registry });
    const keeper = new SnapshotKeeper({ applier: changes ?? serving.state, clock, logger });
    await restoreCopy({ copy, keeper, board, logger });
    keeper.onStep((step) => copy.note(step));

    exportNameMetrics(registry, this.#resolve(serving));
    const prober = await this.#probe(serving);
    exportHealthMetrics(registry, {
      health: serving.health,
      prober,
      ejector: serving.ejector,
      table: () => serving.state.table.value,
    });
    if (threading === undefined || changes === undefined) await this.#forward(serving, registry);
    else {
      // Threads begin with all that is held, and with servers that are numbered.
      await Promise.all([serving.state.complete(), keeper.idle()]);
      changes.begin(keeper.kept.value.held);
      await this.#forwardInThreads(serving, { threading, changes, sessionKeys, registry });
    }
    const explain = this.#explain(serving);
    await this.#administer(serving, board, { registry, explain });

    // Requests are served by now. What they did not need to begin follows: the rest of the copy, the gRPC library.
    await Promise.all([serving.state.complete(), keeper.idle()]);
    const { ControlPlaneClient } = await import('./sync/control-plane-client.ts');
    const identity = { id: settings.id, labels: settings.labels, softwareVersion, threads };
    const { controlPlanes, joinToken, controlPlaneServerName: serverName } = settings;
    const client = new ControlPlaneClient({
      controlPlanes,
      joinToken,
      tls: tls && { material: tls.material, serverName },
      identity,
      keeper,
      board,
      deviations: serving.deviations,
      load: serving.slots,
      sessionKeys,
      explain,
      logger,
      clock,
    });
    client.start();
    this.#closers.push(clock.after(CONTROL_PLANE_WAIT_MS, () => (this.#waitedLongEnough = true)));
    this.#closers.push(() => client.close());
  }

  /** Names are looked up from now on, before anybody connects to one. */
  #resolve({ state, names: table }: Serving): NameResolution {
    const { settings, clock, logger } = this.#options;
    const { dnsResolvers: resolvers, dnsRefreshMs: refreshMs, allowedNetworks } = settings;
    const reader = new NameReader({ resolvers, allowedNetworks, clock });
    const resolution = new NameResolution({ table, reader, refreshMs, clock, logger });
    const stop = followNames(state, resolution);
    this.#closers.push(() => {
      stop();
      resolution.close();
    });
    return resolution;
  }

  /** Verdicts of the time before a restart are used as far as they are fresh. */
  async #probe(serving: Serving): Promise<Prober> {
    const { settings, clock, logger } = this.#options;
    const path = join(settings.stateDir, 'verdicts.json');
    const restored = await this.#loadVerdicts(path);
    const { state, health, names, ejector } = serving;
    const onSuccess = ejector.probeSucceeded.bind(ejector);
    const prober = new Prober({ serving: state, health, names, clock, logger, restored, onSuccess });
    const copy = new VerdictCopy({ table: serving.health, path, clock, logger });
    prober.start();
    ejector.start();
    copy.start();
    this.#closers.push(async () => {
      await copy.close();
      prober.close();
      ejector.close();
    });
    return prober;
  }

  async #loadVerdicts(path: string): Promise<RestoredVerdicts | undefined> {
    const { clock, logger } = this.#options;
    const loaded = await loadVerdicts({ path, clock });
    if (loaded.ok)
      logger.info({ ageMs: loaded.ageMs, servers: loaded.verdicts.size }, 'health verdicts of before are used');
    else if (loaded.reason !== 'absent')
      logger.warn({ path, reason: loaded.reason }, 'health verdicts of before are not used');
    return loaded.ok ? loaded.verdicts : undefined;
  }

  async #forward(serving: Serving, registry: Registry): Promise<void> {
    const { settings, clock } = this.#options;
    const metrics = new ProxyMetrics();
    exportProxyMetrics(registry, metrics);
    serving.state.onPublish(reconsiderQueues);
    serving.deviations.onChange((server) => serveQueueOf(server, serving.state.table.value));
    serving.state.onPublish((publication) => forgetLeftBackends(metrics, publication));
    exportThreadMetrics(registry, { listening: () => 1, replaced: () => 0 });
    const accessLog = settings.accessLog ? new AccessLog({ sink: process.stdout, clock }) : undefined;
    this.#closers.push(() => accessLog?.close());
    const { slots, drains, names, ejector: observer } = serving;
    await this.#listen(
      createProxy({
        ...{ settings, slots, drains, names, metrics, accessLog, observer, clock },
        table: serving.state.table,
        address: settings.httpAddress,
      }),
    );
  }

  async #forwardInThreads(serving: Serving, parts: ThreadedParts): Promise<void> {
    const { settings, clock, logger } = this.#options;
    const { threading, changes, sessionKeys, registry } = parts;
    const { ServingThreads } = await import('./threads/serving-threads.ts');
    const threads = new ServingThreads({
      ...threading,
      changes,
      serving: serving.state,
      ejector: serving.ejector,
      sessionKeys: sessionKeys.keys,
      names: serving.names,
      address: settings.httpAddress,
      settings: threadSettingsOf(settings),
      clock,
      logger,
    });
    this.#threads = threads;
    exportProxyMetrics(registry, threads.metrics);
    exportThreadMetrics(registry, { listening: () => threads.listening, replaced: () => threads.replaced });
    await this.#listen(threads);
  }

  async #listen(forwarder: Forwarder): Promise<void> {
    this.#forwarder = forwarder;
    this.#closers.push(() => forwarder.close());
    const address = formatSocketAddress(await forwarder.start());
    this.#options.logger.info({ listener: 'http', address }, 'listening');
  }

  async #metricsPage(registry: Registry): Promise<{ readonly contentType: string; readonly text: string }> {
    await this.#threads?.gather();
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  #notReadyReason(board: StatusBoard): string | undefined {
    const { id, synchronised, confirmed, controlPlaneMissed } = board.status.value;
    const input = {
      stopping: this.#stopping,
      listening: this.#threads === undefined || this.#threads.listening > 0,
      version: id.version,
      synchronised,
      confirmed,
      controlPlaneMissed: controlPlaneMissed || this.#waitedLongEnough,
      staleForMs: board.staleForMs,
    };
    return notReadyReason(input, this.#options.settings);
  }

  #explain({ state, slots, health, deviations }: Serving): Explain {
    const { settings, clock } = this.#options;
    return createExplain({
      table: state.table,
      slots,
      clock,
      healthOf: (server) => deviations.get(server) ?? health.find(server),
      isTrustedProxy: createTrustedProxies(settings.trustedProxies),
      severalOrders: this.#threads !== undefined,
    });
  }

  async #administer(
    serving: Serving,
    board: StatusBoard,
    { registry, explain }: { readonly registry: Registry; readonly explain: Explain },
  ): Promise<void> {
    const { settings, clock, logger } = this.#options;
    const admin = new AdminServer({
      address: settings.adminAddress,
      local: adminIsLocal(settings),
      token: settings.adminToken,
      logger,
      notReadyReason: () => this.#notReadyReason(board),
      status: () => statusOf(board, clock),
      metrics: () => this.#metricsPage(registry),
      configuration: () => configurationDump(serving.state.table.value, serving.slots),
      explain,
    });
    this.#closers.push(() => admin.close());
    logger.info({ listener: 'admin', address: await admin.start() }, 'listening');
  }
}

/** What one thread does without is not loaded for it. */
async function createThreading(threads: number, clock: Clock): Promise<Threading> {
  const { Threading } = await import('./threads/threading.ts');
  return new Threading(threads, clock);
}

function statusOf(board: StatusBoard, clock: Clock): Readonly<Record<string, unknown>> {
  const { id, connected, source, appliedAt, staleSince } = board.status.value;
  return {
    ...id,
    connected,
    source,
    ageSeconds: secondsSince(appliedAt, clock),
    staleSeconds: secondsSince(staleSince, clock),
  };
}

function secondsSince(time: number | undefined, clock: Clock): number | undefined {
  return time === undefined ? undefined : Math.max(0, Math.round((clock.now() - time) / 1_000));
}
