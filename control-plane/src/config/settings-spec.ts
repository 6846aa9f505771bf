import type { SettingsSpec } from '@headgate/shared/config/setting';
import {
  booleanType,
  listenAddressType,
  oneOfType,
  orOff,
  pathType,
  secretType,
} from '@headgate/shared/config/setting-types';
import { logLevels } from '@headgate/shared/logger';

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
    description: 'Allows the API and the data planes to be served in plain text on addresses beyond loopback',
  },
  initialConfig: {
    name: 'HEADGATE_INITIAL_CONFIG',
    type: pathType,
    description: 'Path of a routing configuration, JSON or YAML, that is imported when the store is empty',
  },
  logLevel: {
    name: 'HEADGATE_LOG_LEVEL',
    type: oneOfType(logLevels),
    default: 'info',
    description: 'The least severe lines that are logged',
  },
} as const satisfies SettingsSpec;
