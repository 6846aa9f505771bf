import { request as httpRequest } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { systemClock, type Clock } from '@headgate/shared/clock';
import type { SocketAddress } from '@headgate/shared/config/setting-types';
import { createLogger } from '@headgate/shared/logger';
import { compileAddressPolicy, type AddressPolicyOptions } from '@headgate/shared/model/address-policy';
import type { RegistrationDocument } from '@headgate/shared/model/registration';
import { openAccess, type Access } from '../access/open-access.ts';
import { Backups } from '../backup/backups.ts';
import { createBackupMetrics } from '../backup/backup-metrics.ts';
import { openDesired } from '../desired/open-desired.ts';
import { EventListeners, type ListenerLimits } from '../events/event-listeners.ts';
import { EventLog } from '../events/event-log.ts';
import { recordFleet } from '../events/record-fleet.ts';
import { recordHealth } from '../events/record-health.ts';
import { recordRevisions } from '../events/record-revisions.ts';
import { recordVersions } from '../events/record-versions.ts';
import { FleetHealth } from '../fleet/fleet-health.ts';
import { FleetLoad } from '../fleet/fleet-load.ts';
import { FleetQuestions } from '../fleet/fleet-questions.ts';
import { FleetRegister } from '../fleet/fleet-register.ts';
import { createDocumentReader } from '../intent/document-reader.ts';
import { MemoryMembership } from '../membership/membership.cases.ts';
import { findBackends } from '../registration/registration-lookup.ts';
import { Registrations } from '../registration/registrations.ts';
import { assertSecrets, backendsNaming } from '../sources/assert-secrets.ts';
import { createServerSource } from '../sources/create-server-source.ts';
import { Sources, type SourcesOptions } from '../sources/sources.ts';
import { Secrets } from '../secrets/secrets.ts';
import type { SecretsKey } from '../secrets/secrets-key.ts';
import { SessionKeys } from '../session-keys/session-keys.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { createRegistry } from '../telemetry/registry.ts';
import type { Answer } from './api-app.ts';
import { ApiServer, type ApiServerOptions } from './api-server.ts';
import { buildOpenApi } from './openapi/build-openapi.ts';
import { describedBy, type Got } from './openapi/described-by.cases.ts';
import { apiOperations } from './operations.ts';
import { Readiness, type ReadinessCheck } from './readiness.ts';
import type { ApiRooms, Upstream } from './rooms.ts';
import { authenticateByToken } from './security/bearer-token.ts';

export const adminToken = 'an-admin-token-for-tests';

/** What a caller sends. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown;
  /** Default: the admin's. */
  readonly token?: string | undefined;
}

export interface ApiFixture {
  readonly address: SocketAddress;
  readonly rooms: ApiRooms;
  readonly server: ApiServer;
  readonly dataDir: string;
  readonly store: SqliteStore;
  readonly access: Access;
  /** Every answer, as metrics and logs see it. */
  readonly answers: readonly Answer[];
  /** Where servers that register are kept. */
  readonly registered: MemoryMembership;
  /** Sends one request on a connection of its own. Throws when the answer is none of those that OpenAPI describes. */
  send(method: string, path: string, sent?: Sent): Promise<Got>;
  close(): Promise<void>;
}

export interface ApiFixtureOptions extends Partial<
  Pick<ApiServerOptions, 'authenticate' | 'loopbackOnly' | 'limits' | 'operations'>
> {
  readonly clock?: Clock;
  readonly listeners?: Partial<ListenerLimits>;
  readonly checks?: readonly ReadinessCheck[];
  /** Default 1,000. */
  readonly keptRevisions?: number;
  readonly secretsKey?: SecretsKey;
  /** Where document layers come from. */
  readonly layers?: SourcesOptions['layers'];
  /** Where the system listens and what it allows; default: nowhere and nothing. */
  readonly addresses?: Partial<AddressPolicyOptions>;
  /** How backends take registrations, by name; default: they take none. */
  readonly registration?: Readonly<Record<string, RegistrationDocument>>;
  readonly upstream?: Partial<Upstream>;
}

/** The API as it runs: a real store in a directory of its own, real intent, real HTTP on a free port. */
export async function startApi(options: ApiFixtureOptions = {}): Promise<ApiFixture> {
  const dataDir = await mkdtemp(join(tmpdir(), 'headgate-api-'));
  const clock = options.clock ?? systemClock;
  const logger = createLogger('test', 'silent');
  const store = await SqliteStore.open({ dataDir, clock, keptRevisions: options.keptRevisions });
  const secrets = await Secrets.create(store.secrets, {
    keys: { current: options.secretsKey },
    clock,
    logger,
    references: (name) => backendsNaming(desired.state.value, name),
  });
  await secrets.start();
  const { membership, intent, desired, log } = await openDesired(store, {
    logger,
    clock,
    admit: (objects) => assertSecrets(objects, (name) => secrets.records.value.has(name)),
  });
  const events = new EventLog({ clock });
  recordRevisions(intent, events);
  desired.start();
  intent.start();
  const sessionKeys = await SessionKeys.start({ secrets, clock, logger });
  const backups = await Backups.create({
    source: store.path,
    directory: join(dataDir, 'backups'),
    keep: 3,
    intervalMs: undefined,
    metrics: createBackupMetrics(new Registry()),
    clock,
    logger,
  });
  const register = new FleetRegister({ newest: log.latest, clock });
  const health = new FleetHealth({ register, intent: desired, clock });
  const load = new FleetLoad({ register });
  recordVersions(log.latest, events);
  recordFleet(register, events);
  recordHealth(health, events);
  const listeners = new EventListeners({ log: events, clock, limits: options.listeners ?? {} });
  const joinToken = 'a-join-token-for-tests';
  const joinTokenFile = join(dataDir, 'join-token');
  const access = await openAccess({ store: store.access, clock, logger, joinToken, joinTokenFile });
  const readiness = new Readiness(options.checks ?? [{ name: 'store', check: () => store.check() }], clock);
  const documents = createDocumentReader(() =>
    compileAddressPolicy({
      own: [],
      localAddresses: [],
      allow: [],
      allowSetting: 'HEADGATE_ALLOWED_NETWORKS',
      ...options.addresses,
    }),
  );
  const registered = new MemoryMembership();
  const registrations = new Registrations({
    writer: registered,
    findBackend: findBackends((name) =>
      desired.state.value.backends.get(name) === undefined
        ? undefined
        : {
            registration: options.registration?.[name] ?? desired.state.value.backends.get(name)!.document.registration,
          },
    ),
    clock,
    logger,
  });
  registrations.start();
  const sources = new Sources({
    desired,
    membership,
    documents,
    readSecret: (name) => secrets.read(name),
    createServerSource: (document, context) => createServerSource(document, context, { kubernetes: {} }),
    layers: options.layers ?? {},
    clock,
    logger,
  });
  sources.start();
  const rooms: ApiRooms = {
    sources,
    intent,
    desired,
    membership,
    documents,
    newest: log.latest,
    register,
    questions: new FleetQuestions(),
    health,
    load,
    listeners,
    registrations,
    upstream: { defaultBackend: undefined, isTrustedProxy: () => false, inFlight: () => 0, ...options.upstream },
    ...access,
    secrets,
    sessionKeys,
    backups,
    readiness,
    metrics: createRegistry('test'),
    clock,
  };
  const operations = options.operations ?? apiOperations(rooms);
  const assertDescribed = describedBy(buildOpenApi(operations));
  const answers: Answer[] = [];
  const server = new ApiServer({
    address: { host: '127.0.0.1', port: 0 },
    setting: 'HEADGATE_API_ADDRESS',
    operations,
    authenticate: options.authenticate ?? authenticateByToken({ adminToken, ...access }),
    loopbackOnly: options.loopbackOnly ?? false,
    clock,
    logger,
    observe: (answer) => answers.push(answer),
    onRefusal: (refusal) => access.audit.refused(refusal),
    limits: options.limits ?? {},
  });
  const address = await server.start();

  return {
    address,
    rooms,
    server,
    dataDir,
    store,
    access,
    answers,
    registered,
    async send(method, path, sent = {}) {
      const got = await exchange(address, method, path, sent);
      assertDescribed(method, path, got);
      return got;
    },
    async close() {
      await server.close();
      await registrations.close();
      await sources.close();
      await access.close();
      register.close();
      await backups.close();
      await sessionKeys.close();
      await secrets.close();
      await intent.close();
      await membership.close();
      await store.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Resolves when the condition holds; throws when it does not for ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition did not come true in ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function exchange(address: SocketAddress, method: string, path: string, sent: Sent): Promise<Got> {
  const token = 'token' in sent ? sent.token : adminToken;
  const raw = typeof sent.body === 'string' || Buffer.isBuffer(sent.body);
  const content = sent.body === undefined ? undefined : raw ? sent.body : JSON.stringify(sent.body);
  const headers = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(content === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...sent.headers,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...address, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const json = /json/.test(response.headers['content-type'] ?? '') && text !== '';
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: json ? (JSON.parse(text) as unknown) : text,
        });
      });
    });
    request.on('error', reject);
    // As bytes: Node sends headers in the encoding of a text that follows them.
    request.end(content === undefined ? undefined : Buffer.from(content as string));
  });
}
