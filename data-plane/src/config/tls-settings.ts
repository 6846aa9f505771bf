import { isLoopbackAddress } from '@headgate/shared/config/loopback';
import { fileKeyOf, type SettingValues } from '@headgate/shared/config/setting';
import { formatSocketAddress, type SocketAddress } from '@headgate/shared/config/setting-types';
import type { Fault } from '@headgate/shared/model/fault';
import type { TlsSources } from '@headgate/shared/tls/tls-sources';
import { tlsSpec } from './tls-spec.ts';

export type TlsSettings = SettingValues<typeof tlsSpec> & { readonly controlPlanes: readonly SocketAddress[] };

const { controlPlaneTls, controlPlaneCa, controlPlaneCert, controlPlaneKey, controlPlaneServerName } = tlsSpec;

/** The TLS files for the connection to control planes, maybe none; undefined when it is plain text. */
export function tlsSourcesOf(settings: TlsSettings): TlsSources | undefined {
  if (!usesTls(settings)) return undefined;
  const { controlPlaneCa: ca, controlPlaneCert: cert, controlPlaneKey: key } = settings;
  const pair = cert !== undefined && key !== undefined;
  return {
    identity: pair
      ? {
          certificate: { setting: controlPlaneCert.name, path: cert },
          key: { setting: controlPlaneKey.name, path: key },
        }
      : undefined,
    authorities: ca === undefined ? undefined : { setting: controlPlaneCa.name, path: ca },
  };
}

/** Half a pair, settings of TLS without TLS, and plain text to another machine. */
export function tlsFaults(settings: TlsSettings): readonly Fault[] {
  return [...pairFaults(settings), ...withoutTlsFaults(settings), ...plainTextFaults(settings)];
}

/** Control planes that plain text crosses the network to; only with `HEADGATE_INSECURE`. */
export function insecureControlPlanes(settings: TlsSettings): readonly string[] {
  if (usesTls(settings)) return [];
  return settings.controlPlanes.filter(({ host }) => !isLoopbackAddress(host)).map(formatSocketAddress);
}

function usesTls(settings: TlsSettings): boolean {
  return settings.controlPlaneTls || settings.controlPlaneCa !== undefined;
}

function pairFaults({ controlPlaneCert: cert, controlPlaneKey: key }: TlsSettings): readonly Fault[] {
  if ((cert === undefined) === (key === undefined)) return [];
  const [given, missing] =
    cert === undefined ? [controlPlaneKey, controlPlaneCert] : [controlPlaneCert, controlPlaneKey];
  return [
    {
      pointer: pointerOf(missing),
      code: 'incomplete_tls_pair',
      detail: `${given.name} is given, and ${missing.name} is not`,
      fix: `give ${missing.name} too (one file may hold both), or leave ${given.name} out`,
    },
  ];
}

function withoutTlsFaults(settings: TlsSettings): readonly Fault[] {
  if (usesTls(settings)) return [];
  const { controlPlaneCert: cert, controlPlaneKey: key, controlPlaneServerName: name } = settings;
  const given = [
    ...(cert === undefined && key === undefined ? [] : [cert === undefined ? controlPlaneKey : controlPlaneCert]),
    ...(name === undefined ? [] : [controlPlaneServerName]),
  ];
  return given.map((setting) => ({
    pointer: pointerOf(setting),
    code: 'tls_is_off',
    detail: `${setting.name} is given, and the control plane is connected to in plain text`,
    fix: `give ${controlPlaneCa.name}, or ${controlPlaneTls.name}=true for the authorities of the system`,
  }));
}

/** Whoever listens in between would have the join token, and whoever stands in between could say what is served. */
function plainTextFaults(settings: TlsSettings): readonly Fault[] {
  if (settings.insecure) return [];
  return insecureControlPlanes(settings).map((address) => ({
    pointer: '/controlPlane',
    code: 'plain_text_beyond_loopback',
    detail: `HEADGATE_CONTROL_PLANE: ${address} is not a loopback address, and join token and configuration would cross the network in plain text`,
    fix: `give ${controlPlaneCa.name} or ${controlPlaneTls.name}=true, or HEADGATE_INSECURE=true where the network itself is trusted`,
  }));
}

function pointerOf({ name }: { readonly name: string }): string {
  return `/${fileKeyOf(name)}`;
}
