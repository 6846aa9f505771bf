import type { SettingsSpec } from '@headgate/shared/config/setting';
import {
  booleanType,
  durationType,
  integerType,
  listenAddressType,
  listType,
  networkType,
  oneOfType,
  orOff,
  pathType,
  secretType,
} from '@headgate/shared/config/setting-types';
import { logLevels } from '@headgate/shared/logger';
import { backendNameType } from './backend-name-type.ts';
import { documentSpec } from './document-spec.ts';
import { secretsKeyType } from './secrets-key-type.ts';
import { tlsSpec } from './tls-spec.ts';

/** Every setting of the control plane. */
export const settingsSpec = {
  apiAddress: {
    name: 'HEADGATE_API_ADDRESS',
    type: listenAddressType,
    default: '127.0.0.1:9001',
    description: 'Where the REST API listens',
  },
  grpcAddress: {
    name: 'HEADGATE_GRPC_ADDRESS',
    type: listenAddressType,
    default: '127.0.0.1:9002',
    description: 'Where data planes connect',
  },
  statusAddress: {
    name: 'HEADGATE_STATUS_ADDRESS',
    type: orOff(listenAddressType),
    default: 'off',
    description: 'A further listener for /livez, /readyz and /metrics alone, without a token',
  },
  dataDir: {
    name: 'HEADGATE_DATA_DIR',
    type: pathType,
    default: './data',
    description: 'Directory of the database and of the tokens that are made at the first start',
  },
  adminToken: {
    name: 'HEADGATE_ADMIN_TOKEN',
    type: secretType,
    secret: true,
    description: 'What callers of the API show; without it DATA_DIR/admin-token is used, made at the first start',
  },
  joinToken: {
    name: 'HEADGATE_JOIN_TOKEN',
    type: secretType,
    secret: true,
    description: 'What data planes show; without it DATA_DIR/join-token is used, made at the first start',
  },
  auth: {
    name: 'HEADGATE_AUTH',
    type: oneOfType(['token', 'none']),
    default: 'token',
    description: 'Whether callers and data planes need a token; none only where every address is loopback',
  },
  insecure: {
    name: 'HEADGATE_INSECURE',
    type: booleanType,
    default: 'false',
    description:
      'Allows the API and the data planes to be served, and Redis to be read, in plain text on addresses beyond loopback',
  },
  ...tlsSpec,
  initialConfig: {
    name: 'HEADGATE_INITIAL_CONFIG',
    type: pathType,
    description: 'Path of a routing configuration, JSON or YAML, that is imported when the store is empty',
  },
  ...documentSpec,
  badTokensPerMinute: {
    name: 'HEADGATE_BAD_TOKENS_PER_MINUTE',
    type: integerType(1, 1_000_000),
    default: '20',
    description: 'Bad tokens of one network within a minute that are answered 401; later ones 429; 1 to 1000000',
  },
  allowedNetworks: {
    name: 'HEADGATE_ALLOWED_NETWORKS',
    type: listType(networkType),
    default: '',
    description: 'Networks whose addresses may be those of servers although they would be refused, separated by commas',
  },
  registrationBackend: {
    name: 'HEADGATE_REGISTRATION_BACKEND',
    type: backendNameType,
    description: 'The backend of servers that register on /upstream/* and name none; without it they must name one',
  },
  trustedProxies: {
    name: 'HEADGATE_TRUSTED_PROXIES',
    type: listType(networkType),
    default: '',
    description:
      'Networks of proxies that servers register through, whose X-Forwarded-For and X-Real-IP are believed: 10.0.0.0/8,fd00::/8',
  },
  keptRevisions: {
    name: 'HEADGATE_KEPT_REVISIONS',
    type: integerType(1, 100_000),
    default: '1000',
    description: 'How many revisions are kept, to be looked at, compared and rolled back to; 1 to 100000',
  },
  secretsKey: {
    name: 'HEADGATE_SECRETS_KEY',
    type: secretsKeyType,
    secret: true,
    description:
      'Encrypts the values of secrets: 32 bytes, base64 or hexadecimal; without it they are stored as they are',
  },
  previousSecretsKey: {
    name: 'HEADGATE_SECRETS_KEY_PREVIOUS',
    type: secretsKeyType,
    secret: true,
    description: 'The key before HEADGATE_SECRETS_KEY, for the one start that encrypts the values anew',
  },
  backupDir: {
    name: 'HEADGATE_BACKUP_DIR',
    type: pathType,
    description: 'Directory of the backups, of this control plane alone; without it DATA_DIR/backups',
  },
  backupIntervalMs: {
    name: 'HEADGATE_BACKUP_INTERVAL',
    type: orOff(durationType(60_000, 7 * 24 * 3_600_000)),
    default: '24h',
    description: 'How often the store is backed up, 1m to 168h; off: only on request',
  },
  keptBackups: {
    name: 'HEADGATE_BACKUP_KEEP',
    type: integerType(1, 1_000),
    default: '7',
    description: 'How many backups are kept, 1 to 1000; older ones go once a new one is verified',
  },
  auditDays: {
    name: 'HEADGATE_AUDIT_DAYS',
    type: integerType(1, 3_650),
    default: '90',
    description:
      'How many days the audit log reaches back, 1 to 3650; at most 100000 writes and 20000 refusals are kept',
  },
  forgetDataPlanesMs: {
    name: 'HEADGATE_FORGET_DATA_PLANES',
    type: durationType(1_000, 7 * 24 * 3_600_000),
    default: '10m',
    description:
      'How long a data plane that has gone is remembered, with its metrics, and blocks convergence; 1s to 168h',
  },
  logLevel: {
    name: 'HEADGATE_LOG_LEVEL',
    type: oneOfType(logLevels),
    default: 'info',
    description: 'The least severe lines that are logged',
  },
} as const satisfies SettingsSpec;
