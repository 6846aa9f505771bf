import { readFile } from 'node:fs/promises';
import type { Clock } from '@headgate/shared/clock';
import { formatSocketAddress, type SocketAddress } from '@headgate/shared/config/setting-types';
import type { Logger } from '@headgate/shared/logger';
import { softwareVersion } from '@headgate/shared/software-version';
import type { Registry } from 'prom-client';
import { ApiServer } from './api/api-server.ts';
import type { Operation } from './api/operation.ts';
import { apiOperations, statusOperations } from './api/operations.ts';
import { Readiness } from './api/readiness.ts';
import { authenticateByToken, authenticateNobody, type Authenticate } from './api/security/bearer-token.ts';
import { settingsSpec } from './config/settings-spec.ts';
import type { Settings } from './config/settings.ts';
import type { Tokens } from './config/tokens.ts';
import { FleetRegister } from './fleet/fleet-register.ts';
import { importConfiguration } from './intent/import-configuration.ts';
import { Intent } from './intent/intent.ts';
import { buildSnapshot } from './snapshot/build-snapshot.ts';
import { initialSnapshot } from './snapshot/initial-snapshot.ts';
import { SnapshotLog } from './snapshot/snapshot-log.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import type { Store } from './store/store.ts';
import { StreamServer } from './stream/stream-server.ts';
import { createApiMetrics } from './telemetry/api-metrics.ts';
import { measuredStore } from './telemetry/measured-store.ts';
import { createRegistry } from './telemetry/registry.ts';
import { registerStateMetrics } from './telemetry/state-metrics.ts';

export interface ControlPlaneOptions {
  readonly settings: Settings;
  readonly tokens: Tokens;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * The composition root. It starts what serves last and closes it first: store, intent, snapshots, streams, API.
 * Closing ends streams and requests and then closes the store.
 */
export class ControlPlane {
  readonly #closers: (() => Promise<void> | void)[] = [];

  private constructor() {}

  /** Resolves once everything listens. What was started is closed again when something cannot. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const controlPlane = new ControlPlane();
    try {
      await controlPlane.#start(options);
      return controlPlane;
    } catch (error) {
      await controlPlane.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  async #start({ settings, tokens, logger, clock }: ControlPlaneOptions): Promise<void> {
    const registry = createRegistry(softwareVersion);
    const store = measuredStore(await SqliteStore.open({ dataDir: settings.dataDir, clock, logger }), registry, clock);
    this.#closers.push(() => store.close());

    const intent = await Intent.create(store, { logger, clock });
    this.#closers.push(() => intent.close());
    const log = await followIntent(store, intent);
    intent.start();
    await importInitial(intent, settings, logger);

    const register = new FleetRegister({ newest: log.latest, clock });
    this.#closers.push(() => register.close());
    registerStateMetrics(registry, { intent: intent.state, newest: log.latest, fleet: register.fleet });

    const joinToken = settings.auth === 'none' ? undefined : tokens.joinToken;
    const address = settings.grpcAddress;
    await this.#listen(
      'grpc',
      new StreamServer({ address, joinToken, log, register, logger, registry, softwareVersion, clock }),
      logger,
    );

    const readiness = new Readiness([{ name: 'store', check: () => store.check() }], clock);
    const rooms = { intent, newest: log.latest, register, readiness, metrics: registry, clock };
    await this.#serve(apiListener(settings, tokens, apiOperations(rooms)), { logger, clock, registry });
    const status = statusListener(settings, statusOperations(rooms));
    if (status !== undefined) await this.#serve(status, { logger, clock, registry });
  }

  async #serve(
    listener: HttpListener,
    common: Pick<ControlPlaneOptions, 'logger' | 'clock'> & { registry: Registry },
  ): Promise<void> {
    const { logger, clock, registry } = common;
    const { name, ...options } = listener;
    const observe = name === 'api' ? createApiMetrics(registry) : () => undefined;
    await this.#listen(name, new ApiServer({ ...options, clock, logger, observe }), logger);
  }

  async #listen(name: string, server: Listening, logger: Logger): Promise<void> {
    this.#closers.push(() => server.close());
    const address = await server.start();
    logger.info({ listener: name, address: formatSocketAddress(address) }, 'listening');
  }
}

interface Listening {
  start(): Promise<SocketAddress>;
  close(): Promise<void>;
}

interface HttpListener {
  readonly name: 'api' | 'status';
  readonly address: SocketAddress;
  readonly setting: string;
  readonly operations: readonly Operation[];
  readonly authenticate: Authenticate;
  readonly loopbackOnly: boolean;
}

function apiListener(settings: Settings, tokens: Tokens, operations: readonly Operation[]): HttpListener {
  const open = settings.auth === 'none';
  return {
    name: 'api',
    address: settings.apiAddress,
    setting: settingsSpec.apiAddress.name,
    operations,
    authenticate: open ? authenticateNobody : authenticateByToken(tokens.adminToken),
    loopbackOnly: open,
  };
}

function statusListener(settings: Settings, operations: readonly Operation[]): HttpListener | undefined {
  const address = settings.statusAddress;
  if (address === undefined) return undefined;
  const setting = settingsSpec.statusAddress.name;
  return {
    name: 'status',
    address,
    setting,
    operations,
    authenticate: authenticateNobody,
    loopbackOnly: settings.auth === 'none',
  };
}

/** Every commit becomes the next snapshot, in the turn in which it is seen. */
async function followIntent(store: Store, intent: Intent): Promise<SnapshotLog> {
  const log = await SnapshotLog.fromStore(store, initialSnapshot(intent.state.value));
  intent.onCommit((commit, state) => log.publish(buildSnapshot(log.latest.value, commit, state)));
  return log;
}

async function importInitial(intent: Intent, settings: Settings, logger: Logger): Promise<void> {
  const path = settings.initialConfig;
  if (path === undefined) return;
  const result = await importConfiguration(intent, path, await readFile(path, 'utf8'));
  if (result === undefined) logger.info({ path }, 'the store has revisions: the initial configuration is not imported');
  else
    logger.info({ path, revision: result.revision, version: result.version }, 'the initial configuration is imported');
}
