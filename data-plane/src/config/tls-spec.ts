import type { SettingsSpec } from '@headgate/shared/config/setting';
import { booleanType, hostNameType, pathType } from '@headgate/shared/config/setting-types';

/** How the control plane is connected to. The files are PEM, and are read again when they change. */
export const tlsSpec = {
  controlPlaneTls: {
    name: 'HEADGATE_CONTROL_PLANE_TLS',
    type: booleanType,
    default: 'false',
    description: 'Connect over TLS and believe the authorities of the system',
  },
  controlPlaneCa: {
    name: 'HEADGATE_CONTROL_PLANE_CA',
    type: pathType,
    description: 'Authorities, PEM: connect over TLS and believe these alone',
  },
  controlPlaneCert: {
    name: 'HEADGATE_CONTROL_PLANE_CERT',
    type: pathType,
    description: 'Certificate to show to the control plane, PEM, then the intermediate ones',
  },
  controlPlaneKey: {
    name: 'HEADGATE_CONTROL_PLANE_KEY',
    type: pathType,
    description: 'Its key, PEM, without passphrase',
  },
  controlPlaneServerName: {
    name: 'HEADGATE_CONTROL_PLANE_SERVER_NAME',
    type: hostNameType,
    description: 'Name that the certificate of the control plane must have; without it the host of its address',
  },
  insecure: {
    name: 'HEADGATE_INSECURE',
    type: booleanType,
    default: 'false',
    description: 'Allows a control plane beyond loopback without TLS: join token and configuration cross in plain text',
  },
} as const satisfies SettingsSpec;
