import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@headgate/shared/clock';
import { localAddresses } from '@headgate/shared/config/local-addresses';
import { formatSocketAddress, type SocketAddress } from '@headgate/shared/config/setting-types';
import { createTrustedProxies } from '@headgate/shared/forwarded/trusted-proxies';
import type { Logger } from '@headgate/shared/logger';
import { compileAddressPolicy, type AddressPolicy } from '@headgate/shared/model/address-policy';
import { softwareVersion } from '@headgate/shared/software-version';
import type { Registry } from 'prom-client';
import type { RefusedRequest } from './access/audit-log.ts';
import { openAccess, type Access } from './access/open-access.ts';
import { ApiServer } from './api/api-server.ts';
import type { Operation } from './api/operation.ts';
import { apiOperations, statusOperations } from './api/operations.ts';
import { Readiness } from './api/readiness.ts';
import { authenticateByToken, authenticateNobody, type Authenticate } from './api/security/bearer-token.ts';
import { adviseRestore } from './backup/advise-restore.ts';
import { createBackupMetrics } from './backup/backup-metrics.ts';
import { Backups } from './backup/backups.ts';
import { settingsSpec } from './config/settings-spec.ts';
import type { Settings } from './config/settings.ts';
import type { Tokens } from './config/tokens.ts';
import { openDesired } from './desired/open-desired.ts';
import { EventListeners } from './events/event-listeners.ts';
import { EventLog } from './events/event-log.ts';
import { recordFleet } from './events/record-fleet.ts';
import { recordHealth } from './events/record-health.ts';
import { recordRegistrations } from './events/record-registrations.ts';
import { recordRevisions } from './events/record-revisions.ts';
import { recordVersions } from './events/record-versions.ts';
import { FleetHealth } from './fleet/fleet-health.ts';
import { FleetLoad } from './fleet/fleet-load.ts';
import { FleetQuestions } from './fleet/fleet-questions.ts';
import { FleetRegister } from './fleet/fleet-register.ts';
import { createDocumentReader, type DocumentReader } from './intent/document-reader.ts';
import { importConfiguration } from './intent/import-configuration.ts';
import type { Intent } from './intent/intent.ts';
import { secretsKey, type SecretsKey, type SecretsKeys } from './secrets/secrets-key.ts';
import { findBackends } from './registration/registration-lookup.ts';
import { Registrations } from './registration/registrations.ts';
import { Secrets } from './secrets/secrets.ts';
import { SessionKeys } from './session-keys/session-keys.ts';
import { assertSecrets, backendsNaming } from './sources/assert-secrets.ts';
import { createServerSource } from './sources/create-server-source.ts';
import { layerSources } from './sources/layer-sources.ts';
import { Sources } from './sources/sources.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import { StreamServer, type StreamServerOptions } from './stream/stream-server.ts';
import { createApiMetrics } from './telemetry/api-metrics.ts';
import { createRefusalMetrics, registerTokenMetrics } from './telemetry/access-metrics.ts';
import { registerDataPlaneMetrics } from './telemetry/data-plane-metrics.ts';
import { registerEventMetrics } from './telemetry/event-metrics.ts';
import { registerFleetHealthMetrics } from './telemetry/fleet-health-metrics.ts';
import { registerFleetLoadMetrics } from './telemetry/fleet-load-metrics.ts';
import { measuredStore } from './telemetry/measured-store.ts';
import { registerRegistrationMetrics } from './telemetry/registration-metrics.ts';
import { createRegistry } from './telemetry/registry.ts';
import { registerSourceMetrics } from './telemetry/source-metrics.ts';
import { registerStateMetrics } from './telemetry/state-metrics.ts';
import type { ListenerTlsFiles } from './transport/open-tls-files.ts';
import { Transport, type ListenerTransport } from './transport/transport.ts';

export interface ControlPlaneOptions {
  readonly settings: Settings;
  readonly tokens: Tokens;
  /** Started and closed by the control plane. */
  readonly tls: ListenerTlsFiles;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The Kubernetes API of the cluster that this process runs in, if it does. */
  readonly cluster?: { readonly host: string; readonly port: number } | undefined;
}

/**
 * The composition root. It starts what serves last and closes it first: store, intent, snapshots, streams, API.
 * Closing ends streams and requests and then closes the store.
 */
export class ControlPlane {
  readonly #closers: (() => Promise<void> | void)[] = [];
  /** Where it listens. */
  readonly #listeners: SocketAddress[] = [];

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

  async #start({ settings, tokens, tls, logger, clock, cluster }: ControlPlaneOptions): Promise<void> {
    const registry = createRegistry(softwareVersion);
    const transport = Transport.start({ files: tls, registry, clock, logger });
    this.#closers.push(() => transport.close());
    const sqlite = await openStore(settings, { clock, logger });
    const store = measuredStore(sqlite, registry, clock);
    this.#closers.push(() => store.close());

    const keys = secretsKeys(settings);
    const secrets = await Secrets.create(sqlite.secrets, {
      keys,
      clock,
      logger,
      references: (name) => backendsNaming(desired.state.value, name),
    });
    this.#closers.push(() => secrets.close());
    await secrets.start();
    const sessionKeys = await SessionKeys.start({ secrets, clock, logger });
    this.#closers.push(() => sessionKeys.close());

    const backups = await Backups.create({
      source: sqlite.path,
      directory: backupDirectory(settings),
      keep: settings.keptBackups,
      intervalMs: settings.backupIntervalMs,
      metrics: createBackupMetrics(registry),
      clock,
      logger,
    });
    this.#closers.push(() => backups.close());
    await backups.start();

    const { membership, intent, desired, log } = await openDesired(store, {
      logger,
      clock,
      admit: (objects) => assertSecrets(objects, (name) => secrets.records.value.has(name)),
    });
    this.#closers.push(() => membership.close());
    this.#closers.push(() => intent.close());
    this.#closers.push(() => desired.close());
    const access = await openAccess({
      ...tokens,
      badTokensPerMinute: settings.badTokensPerMinute,
      store: sqlite.access,
      clock,
      logger,
      observe: createRefusalMetrics(registry),
    });
    this.#closers.push(() => access.close());
    registerTokenMetrics(registry, access.tokens);
    const events = new EventLog({ clock });
    recordRevisions(intent, events);
    recordVersions(log.latest, events);
    desired.start();
    intent.start();
    const documents = createDocumentReader(() => this.#addressPolicy(settings));
    await importInitial(intent, { documents, settings, logger });

    const limits = { rememberGoneMs: settings.forgetDataPlanesMs };
    const register = new FleetRegister({ newest: log.latest, clock, limits });
    this.#closers.push(() => register.close());
    registerStateMetrics(registry, { intent: desired.state, newest: log.latest, fleet: register.fleet });
    registerDataPlaneMetrics(registry, { register, clock });
    const questions = new FleetQuestions();
    recordFleet(register, events);
    const health = new FleetHealth({ register, intent: desired, clock });
    this.#closers.push(() => health.close());
    recordHealth(health, events);
    const load = new FleetLoad({ register });
    this.#closers.push(() => load.close());
    registerFleetLoadMetrics(registry, load);
    registerFleetHealthMetrics(registry, { health, intent: desired.state });
    const listeners = new EventListeners({ log: events, clock });
    registerEventMetrics(registry, events, listeners);

    const registrations = new Registrations({
      writer: membership,
      findBackend: findBackends((name) => desired.state.value.backends.get(name)?.document),
      clock,
      logger,
    });
    this.#closers.push(() => registrations.close());
    recordRegistrations(registrations, events);
    registerRegistrationMetrics(registry, { registrations });
    registrations.start();

    const sources = new Sources({
      desired,
      membership,
      documents,
      readSecret: (name) => secrets.read(name),
      createServerSource: (document, context) =>
        createServerSource(document, context, { kubernetes: { address: cluster } }),
      layers: await layerSources(settings),
      clock,
      logger,
    });
    this.#closers.push(() => sources.close());
    registerSourceMetrics(registry, sources);
    sources.start();

    const joinTokens = settings.auth === 'none' ? undefined : access.joinTokens;
    const address = settings.grpcAddress;
    await this.#listen(
      'grpc',
      new StreamServer({
        address,
        joinTokens,
        ...badTokens(access),
        ...transport.of('grpc'),
        log,
        sessionKeys: sessionKeys.keys,
        register,
        load,
        questions,
        logger,
        registry,
        softwareVersion,
        clock,
      }),
      logger,
    );

    const readiness = new Readiness([{ name: 'store', check: () => store.check() }], clock);
    const rooms = {
      intent,
      desired,
      membership,
      documents,
      newest: log.latest,
      register,
      questions,
      health,
      load,
      listeners,
      registrations,
      sources,
      upstream: {
        defaultBackend: settings.registrationBackend,
        isTrustedProxy: createTrustedProxies(settings.trustedProxies),
        inFlight: (server: string) => load.inFlight(server),
      },
      ...access,
      secrets,
      sessionKeys,
      backups,
      readiness,
      metrics: registry,
      clock,
    };
    const api = apiListener(settings, { ...tokens, access }, apiOperations(rooms));
    await this.#serve({ ...api, ...transport.of('api') }, { logger, clock, registry });
    const status = statusListener(settings, statusOperations(rooms));
    if (status !== undefined) await this.#serve(status, { logger, clock, registry });
  }

  /** Nobody may make data planes connect to this process; before it listens, its settings say where it will. */
  #addressPolicy(settings: Settings): AddressPolicy {
    const { apiAddress, grpcAddress, statusAddress, allowedNetworks } = settings;
    const own = [apiAddress, grpcAddress, statusAddress, ...this.#listeners].filter((address) => address !== undefined);
    return compileAddressPolicy({
      own: own.map(({ host, port }) => ({ address: host, port })),
      localAddresses: localAddresses(),
      allow: allowedNetworks,
      allowSetting: settingsSpec.allowedNetworks.name,
    });
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
    this.#listeners.push(address);
    logger.info({ listener: name, address: formatSocketAddress(address) }, 'listening');
  }
}

interface Listening {
  start(): Promise<SocketAddress>;
  close(): Promise<void>;
}

interface Credentials extends Pick<Tokens, 'adminToken'> {
  readonly access: Access;
}

/** What becomes of bad join tokens: too many hold up their sender, and all are noted. */
function badTokens({ attempts, audit }: Access): Pick<StreamServerOptions, 'countBadToken' | 'onBadToken'> {
  return {
    countBadToken: (remote) => attempts.fail(remote),
    onBadToken: ({ remote, code }) =>
      audit.refused({
        operation: 'connect',
        remote,
        objects: [],
        code: code === 'RESOURCE_EXHAUSTED' ? 'HEADGATE_TOO_MANY_ATTEMPTS' : 'HEADGATE_UNAUTHENTICATED',
      }),
  };
}

interface HttpListener extends Partial<ListenerTransport> {
  readonly name: 'api' | 'status';
  readonly address: SocketAddress;
  readonly setting: string;
  readonly operations: readonly Operation[];
  readonly authenticate: Authenticate;
  readonly loopbackOnly: boolean;
  readonly onRefusal?: (refusal: RefusedRequest) => void;
}

function apiListener(
  settings: Settings,
  { adminToken, access }: Credentials,
  operations: readonly Operation[],
): HttpListener {
  const open = settings.auth === 'none';
  return {
    name: 'api',
    address: settings.apiAddress,
    setting: settingsSpec.apiAddress.name,
    operations,
    authenticate: open ? authenticateNobody : authenticateByToken({ ...access, adminToken }),
    loopbackOnly: open,
    onRefusal: (refusal) => access.audit.refused(refusal),
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

/** A damaged store is refused with the backup that can take its place. */
async function openStore(
  settings: Settings,
  common: Pick<ControlPlaneOptions, 'clock' | 'logger'>,
): Promise<SqliteStore> {
  const { dataDir, keptRevisions, auditDays } = settings;
  const auditRetention = { ageMs: auditDays * 24 * 3_600_000 };
  try {
    return await SqliteStore.open({ dataDir, keptRevisions, auditRetention, ...common });
  } catch (error) {
    throw await adviseRestore(error, { dataDir, directory: backupDirectory(settings) });
  }
}

function backupDirectory({ backupDir, dataDir }: Settings): string {
  return backupDir ?? join(dataDir, 'backups');
}

function secretsKeys({ secretsKey: current, previousSecretsKey: previous }: Settings): SecretsKeys {
  const keyOf = (bytes: Buffer | undefined): SecretsKey | undefined =>
    bytes === undefined ? undefined : secretsKey(bytes);
  return { current: keyOf(current), previous: keyOf(previous) };
}

interface Import {
  readonly documents: DocumentReader;
  readonly settings: Settings;
  readonly logger: Logger;
}

async function importInitial(intent: Intent, { documents, settings, logger }: Import): Promise<void> {
  const path = settings.initialConfig;
  if (path === undefined) return;
  const result = await importConfiguration(intent, { documents, path, text: await readFile(path, 'utf8') });
  if (result === undefined) logger.info({ path }, 'the store has revisions: the initial configuration is not imported');
  else
    logger.info({ path, revision: result.revision, version: result.version }, 'the initial configuration is imported');
}
