import type { SettingsSpec } from '@headgate/shared/config/setting';
import { pathType } from '@headgate/shared/config/setting-types';

/** The settings of TLS. All name PEM files, which are read again when they change. */
export const tlsSpec = {
  apiTlsCert: {
    name: 'HEADGATE_API_TLS_CERT',
    type: pathType,
    description: 'Certificate of the API, PEM, then the intermediate ones; with it the API is served over HTTPS alone',
  },
  apiTlsKey: { name: 'HEADGATE_API_TLS_KEY', type: pathType, description: 'Its key, PEM, without passphrase' },
  apiClientCa: {
    name: 'HEADGATE_API_CLIENT_CA',
    type: pathType,
    description: 'Authorities, PEM: callers of the API must show a certificate of theirs besides the token',
  },
  grpcTlsCert: {
    name: 'HEADGATE_GRPC_TLS_CERT',
    type: pathType,
    description: 'Certificate for data planes, PEM, then the intermediate ones; with it they connect over TLS alone',
  },
  grpcTlsKey: { name: 'HEADGATE_GRPC_TLS_KEY', type: pathType, description: 'Its key, PEM, without passphrase' },
  grpcClientCa: {
    name: 'HEADGATE_GRPC_CLIENT_CA',
    type: pathType,
    description: 'Authorities, PEM: data planes must show a certificate of theirs besides the join token',
  },
} as const satisfies SettingsSpec;
