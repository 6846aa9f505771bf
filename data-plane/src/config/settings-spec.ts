import { hostname } from 'node:os';
import type { SettingsSpec } from '@headgate/shared/config/setting';
import {
  booleanType,
  durationType,
  integerType,
  labelsType,
  listenAddressType,
  listType,
  networkType,
  oneOfType,
  orOff,
  pathType,
  remoteAddressType,
  resolverType,
  secretType,
  wordType,
} from '@headgate/shared/config/setting-types';
import { logLevels } from '@headgate/shared/logger';
import { engineNames } from '../proxy/engines.ts';
import { threadCountType } from './thread-count-type.ts';
import { tlsSpec } from './tls-spec.ts';

const HOUR_MS = 3_600_000;

/** Every setting of a data plane. docs/reference/data-plane-settings.md lists them with their defaults. */
export const settingsSpec = {
  httpAddress: {
    name: 'HEADGATE_HTTP_ADDRESS',
    type: listenAddressType,
    default: '127.0.0.1:8080',
    description: 'Where traffic comes in',
  },
  adminAddress: {
    name: 'HEADGATE_ADMIN_ADDRESS',
    type: listenAddressType,
    default: '127.0.0.1:9003',
    description: 'livez, readyz, metrics and the running configuration',
  },
  adminToken: {
    name: 'HEADGATE_DATA_PLANE_ADMIN_TOKEN',
    type: secretType,
    secret: true,
    description: 'Needed for the running configuration when the admin listener is not on loopback',
  },
  stateDir: {
    name: 'HEADGATE_STATE_DIR',
    type: pathType,
    default: './state',
    description: 'Where the last good snapshot is kept',
  },
  controlPlanes: {
    name: 'HEADGATE_CONTROL_PLANE',
    type: listType(remoteAddressType),
    default: '127.0.0.1:9002',
    description: 'gRPC addresses of control planes, tried in turn',
  },
  ...tlsSpec,
  joinToken: { name: 'HEADGATE_JOIN_TOKEN', type: secretType, secret: true, description: 'Lets this data plane join' },
  id: { name: 'HEADGATE_DATA_PLANE_ID', type: wordType, default: hostname(), description: 'Unique among data planes' },
  labels: {
    name: 'HEADGATE_LABELS',
    type: labelsType,
    default: '',
    description: 'Shown by the control plane: zone=a,node=n1',
  },
  engine: {
    name: 'HEADGATE_ENGINE',
    type: oneOfType(engineNames),
    default: 'headgate',
    description: 'The forwarding engine: headgate (its own, on sockets) or http-proxy (on the HTTP of Node)',
  },
  threads: {
    name: 'HEADGATE_THREADS',
    type: threadCountType,
    default: '1',
    description: 'Threads that serve traffic, 1 to 64; auto: one for each processor',
  },
  trustedProxies: {
    name: 'HEADGATE_TRUSTED_PROXIES',
    type: listType(networkType),
    default: '',
    description: 'Networks whose X-Forwarded-* fields are believed: 10.0.0.0/8,fd00::/8',
  },
  dnsRefreshMs: {
    name: 'HEADGATE_DNS_REFRESH',
    type: durationType(1_000, HOUR_MS),
    default: '10s',
    description: 'How often names of servers are looked up, ± 20 %; nothing waits for it',
  },
  dnsResolvers: {
    name: 'HEADGATE_DNS_RESOLVERS',
    type: listType(resolverType),
    default: '',
    description: 'Whom to ask for names of servers: 10.0.0.53,10.0.1.53:5353; without it the resolvers of the system',
  },
  allowedNetworks: {
    name: 'HEADGATE_ALLOWED_NETWORKS',
    type: listType(networkType),
    default: '',
    description: 'Networks whose addresses names of servers may have although they would be refused',
  },
  accessLog: {
    name: 'HEADGATE_ACCESS_LOG',
    type: booleanType,
    default: 'true',
    description: 'One JSON line for each request, on standard output',
  },
  logLevel: {
    name: 'HEADGATE_LOG_LEVEL',
    type: oneOfType(logLevels),
    default: 'info',
    description: 'Least severe level that is logged',
  },
  versionHeader: {
    name: 'HEADGATE_VERSION_HEADER',
    type: booleanType,
    default: 'false',
    description: 'Whether every answer says in Headgate-Version by which version of the configuration it was served',
  },
  startFromCopy: {
    name: 'HEADGATE_START_FROM_COPY',
    type: booleanType,
    default: 'true',
    description:
      'Whether the disk copy is enough to be ready when no control plane can be reached; false: not before one has confirmed it',
  },
  staleAfterMs: {
    name: 'HEADGATE_STALE_AFTER',
    type: orOff(durationType(1_000, 30 * 24 * HOUR_MS)),
    default: 'off',
    description:
      'Not ready any more when what is served was not confirmed for so long; it is served on. off: ready at any age',
  },
  clientConnections: {
    name: 'HEADGATE_MAX_CLIENT_CONNECTIONS',
    type: integerType(1, 1_000_000),
    default: '10000',
    description: 'Client connections at once; further ones are refused',
  },
  requestLineBytes: {
    name: 'HEADGATE_MAX_REQUEST_LINE_BYTES',
    type: integerType(256, 65_536),
    default: '8192',
    description: 'A longer request line is answered by 414',
  },
  headerBytes: {
    name: 'HEADGATE_MAX_HEADER_BYTES',
    type: integerType(1_024, 1_048_576),
    default: '16384',
    description: 'A larger header block is answered by 431',
  },
  headerFields: {
    name: 'HEADGATE_MAX_HEADER_FIELDS',
    type: integerType(10, 2_000),
    default: '100',
    description: 'More fields are answered by 431',
  },
  headerTimeoutMs: {
    name: 'HEADGATE_HEADER_TIMEOUT',
    type: durationType(100, HOUR_MS),
    default: '10s',
    description: 'How long a request head may take',
  },
  keepAliveTimeoutMs: {
    name: 'HEADGATE_KEEP_ALIVE_TIMEOUT',
    type: durationType(100, 24 * HOUR_MS),
    default: '75s',
    description: 'How long an idle client connection is kept',
  },
  shutdownDelayMs: {
    name: 'HEADGATE_SHUTDOWN_DELAY',
    type: durationType(0, HOUR_MS),
    default: '5s',
    description: 'From SIGTERM, not ready any more, until connections are no longer accepted',
  },
  shutdownTimeoutMs: {
    name: 'HEADGATE_SHUTDOWN_TIMEOUT',
    type: durationType(0, HOUR_MS),
    default: '30s',
    description: 'How long requests and tunnels may go on after that',
  },
} as const satisfies SettingsSpec;
