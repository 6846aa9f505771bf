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
import { adminIsLocal, type Settings } from './config/settings.ts';
import { HealthTable } from './health/health-table.ts';
import { loadVerdicts } from './health/load-verdicts.ts';
import { Prober } from './health/prober.ts';
import type { RestoredVerdicts } from './health/restored-verdicts.ts';
import { VerdictCopy } from './health/verdict-copy.ts';
import { AccessLog } from './proxy/access-log.ts';
import { createDecide, createRefuse } from './proxy/decide.ts';
import { createForwarder } from './proxy/engines.ts';
import type { Forwarder } from './proxy/forwarder.ts';
import { ProxyMetrics } from './proxy/proxy-metrics.ts';
import { createRequestIds } from './proxy/request-id.ts';
import { createTrustedProxies } from './proxy/trusted-proxies.ts';
import { ServingState } from './routing/serving-state.ts';
import { ControlPlaneClient } from './sync/control-plane-client.ts';
import { DiskCopy } from './sync/disk-copy.ts';
import { restoreCopy } from './sync/restore-copy.ts';
import { SnapshotKeeper } from './sync/snapshot-keeper.ts';
import { StatusBoard } from './sync/status-board.ts';
import { exportHealthMetrics } from './telemetry/export-health-metrics.ts';
import { exportProxyMetrics } from './telemetry/export-proxy-metrics.ts';
import { exportTlsMetrics } from './telemetry/export-tls-metrics.ts';
import { createRegistry } from './telemetry/registry.ts';
import { DrainTimers } from './upstream/drain-timers.ts';
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
  readonly slots = new ServerSlots();
  readonly drains: DrainTimers;
  readonly state: ServingState;
  readonly health: HealthTable;

  constructor(clock: Clock) {
    this.drains = new DrainTimers({ slots: this.slots, clock });
    this.state = new ServingState({ slots: this.slots, drains: this.drains, clock });
    this.health = new HealthTable({ slots: this.slots, clock });
  }
}

/**
 * The composition root of a data plane. It serves what its disk copy says before it asks a control plane, and is closed
 * in two steps: `drain` lets requests and tunnels end, `close` cuts what is left.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #closers: (() => Promise<void> | void)[] = [];
  #forwarder: Forwarder | undefined;
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
    const serving = new Serving(clock);
    this.#closers.push(() => serving.drains.close());

    const copy = await DiskCopy.open({ path: settings.stateDir, clock, logger, registry });
    this.#closers.push(() => copy.close());
    const board = new StatusBoard({ clock, logger, registry });
    const keeper = new SnapshotKeeper({ applier: serving.state, clock, logger });
    await restoreCopy({ copy, keeper, board, logger });
    keeper.onStep((step) => copy.note(step));

    const prober = await this.#probe(serving);
    exportHealthMetrics(registry, {
      health: serving.health,
      counts: () => prober.counts,
      table: () => serving.state.table.value,
    });
    await this.#forward(serving, registry);
    await this.#administer(serving, board, registry);

    const identity = { id: settings.id, labels: settings.labels, softwareVersion, threads: 1 };
    const { controlPlanes, joinToken, controlPlaneServerName: serverName } = settings;
    const client = new ControlPlaneClient({
      controlPlanes,
      joinToken,
      tls: tls && { material: tls.material, serverName },
      identity,
      keeper,
      board,
      deviations: serving.health,
      logger,
      clock,
    });
    client.start();
    this.#closers.push(clock.after(CONTROL_PLANE_WAIT_MS, () => (this.#waitedLongEnough = true)));
    this.#closers.push(() => client.close());
  }

  /** Verdicts of the time before a restart are used as far as they are fresh. */
  async #probe(serving: Serving): Promise<Prober> {
    const { settings, clock, logger } = this.#options;
    const path = join(settings.stateDir, 'verdicts.json');
    const restored = await this.#loadVerdicts(path);
    const prober = new Prober({ serving: serving.state, health: serving.health, clock, logger, restored });
    const copy = new VerdictCopy({ table: serving.health, path, clock, logger });
    prober.start();
    copy.start();
    this.#closers.push(async () => {
      await copy.close();
      prober.close();
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
    const { settings, clock, logger } = this.#options;
    const metrics = new ProxyMetrics();
    exportProxyMetrics(registry, metrics);
    serving.state.onPublish(({ before, after, changedBackends }) => {
      for (const name of changedBackends)
        if (before.backends.has(name) && !after.backends.has(name)) metrics.forgetBackend(name);
    });
    const accessLog = settings.accessLog ? new AccessLog({ sink: process.stdout, clock }) : undefined;
    this.#closers.push(() => accessLog?.close());
    const core = {
      ...{
        table: serving.state.table,
        slots: serving.slots,
        metrics,
        accessLog,
        clock,
        showVersion: settings.versionHeader,
      },
      cutSignal: serving.drains.cutSignal.bind(serving.drains),
      isTrustedProxy: createTrustedProxies(settings.trustedProxies),
      createRequestId: createRequestIds(),
    };
    this.#forwarder = createForwarder(settings.engine, {
      address: settings.httpAddress,
      limits: settings,
      decide: createDecide(core),
      refuse: createRefuse(core),
      slots: serving.slots,
      clock,
      metrics,
    });
    const forwarder = this.#forwarder;
    this.#closers.push(() => forwarder.close());
    logger.info({ listener: 'http', address: formatSocketAddress(await forwarder.start()) }, 'listening');
  }

  #notReadyReason(board: StatusBoard): string | undefined {
    const { id, synchronised, confirmed, controlPlaneMissed } = board.status.value;
    const input = {
      stopping: this.#stopping,
      version: id.version,
      synchronised,
      confirmed,
      controlPlaneMissed: controlPlaneMissed || this.#waitedLongEnough,
      staleForMs: board.staleForMs,
    };
    return notReadyReason(input, this.#options.settings);
  }

  async #administer(serving: Serving, board: StatusBoard, registry: Registry): Promise<void> {
    const { settings, clock, logger } = this.#options;
    const admin = new AdminServer({
      address: settings.adminAddress,
      local: adminIsLocal(settings),
      token: settings.adminToken,
      logger,
      notReadyReason: () => this.#notReadyReason(board),
      status: () => statusOf(board, clock),
      metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
      configuration: () => configurationDump(serving.state.table.value, serving.slots),
    });
    this.#closers.push(() => admin.close());
    logger.info({ listener: 'admin', address: await admin.start() }, 'listening');
  }
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
