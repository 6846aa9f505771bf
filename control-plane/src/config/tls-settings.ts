import { fileKeyOf, type SettingValues } from '@headgate/shared/config/setting';
import type { Fault } from '@headgate/shared/model/fault';
import type { ServerTlsSources } from '@headgate/shared/tls/tls-sources';
import { tlsSpec } from './tls-spec.ts';

type TlsSettings = SettingValues<typeof tlsSpec>;

/** The listeners that may speak TLS. */
export type TlsListener = 'api' | 'grpc';

interface TlsPaths {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

const names = {
  api: { cert: tlsSpec.apiTlsCert.name, key: tlsSpec.apiTlsKey.name, ca: tlsSpec.apiClientCa.name },
  grpc: { cert: tlsSpec.grpcTlsCert.name, key: tlsSpec.grpcTlsKey.name, ca: tlsSpec.grpcClientCa.name },
} as const;

/** The TLS files of a listener; undefined when it speaks plain text. */
export function tlsSourcesOf(settings: TlsSettings, listener: TlsListener): ServerTlsSources | undefined {
  const { cert, key, ca } = pathsOf(settings, listener);
  if (cert === undefined || key === undefined) return undefined;
  const setting = names[listener];
  return {
    identity: { certificate: { setting: setting.cert, path: cert }, key: { setting: setting.key, path: key } },
    authorities: ca === undefined ? undefined : { setting: setting.ca, path: ca },
  };
}

/** Half a pair, and authorities of clients on a listener without TLS. */
export function tlsFaults(settings: TlsSettings): readonly Fault[] {
  return (['api', 'grpc'] as const).flatMap((listener) => {
    const { cert, key, ca } = pathsOf(settings, listener);
    const setting = names[listener];
    if (cert !== undefined && key === undefined) return [halfPair(setting.cert, setting.key)];
    if (cert === undefined && key !== undefined) return [halfPair(setting.key, setting.cert)];
    return cert === undefined && ca !== undefined ? [authoritiesAlone(setting)] : [];
  });
}

function pathsOf(settings: TlsSettings, listener: TlsListener): TlsPaths {
  return listener === 'api'
    ? { cert: settings.apiTlsCert, key: settings.apiTlsKey, ca: settings.apiClientCa }
    : { cert: settings.grpcTlsCert, key: settings.grpcTlsKey, ca: settings.grpcClientCa };
}

function halfPair(given: string, missing: string): Fault {
  return {
    pointer: `/${fileKeyOf(missing)}`,
    code: 'incomplete_tls_pair',
    detail: `${given} is given, and ${missing} is not`,
    fix: `give ${missing} too (one file may hold both), or leave ${given} out for plain text`,
  };
}

function authoritiesAlone({ cert, key, ca }: (typeof names)[TlsListener]): Fault {
  return {
    pointer: `/${fileKeyOf(ca)}`,
    code: 'client_ca_without_tls',
    detail: `${ca} is given, and the listener has no certificate: in plain text nobody could show one either`,
    fix: `give ${cert} and ${key} too, or leave ${ca} out`,
  };
}
