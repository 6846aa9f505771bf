import { isLoopbackAddress } from '@headgate/shared/config/loopback';
import { resolveSettings, type ResolvedSettings, type SettingSources } from '@headgate/shared/config/resolve-settings';
import { fileKeyOf, type SettingValues } from '@headgate/shared/config/setting';
import { formatSocketAddress, type SocketAddress } from '@headgate/shared/config/setting-types';
import type { Checked, Fault } from '@headgate/shared/model/fault';
import { documentFaults, plainTextRedis } from './document-settings.ts';
import { settingsSpec } from './settings-spec.ts';
import { tlsFaults, tlsSourcesOf, type TlsListener } from './tls-settings.ts';

export type Settings = SettingValues<typeof settingsSpec>;

/** What the process was told to do, or every reason why that cannot be: bad values first, then what does not fit together. */
export function readSettings(sources: SettingSources): Checked<ResolvedSettings<typeof settingsSpec>> {
  const resolved = resolveSettings(settingsSpec, sources);
  if (!resolved.ok || resolved.value.kind !== 'settings') return resolved;
  const { values } = resolved.value;
  const listeners = [...openFaults(values), ...plainTextFaults(values), ...tlsFaults(values)];
  const faults = [...listeners, ...keyFaults(values), ...documentFaults(values)];
  return faults.length === 0 ? resolved : { ok: false, faults };
}

/** Without a current key the previous one would turn encrypted values into plain ones. */
function keyFaults({ secretsKey, previousSecretsKey }: Settings): readonly Fault[] {
  if (previousSecretsKey === undefined || secretsKey !== undefined) return [];
  return [
    {
      pointer: `/${fileKeyOf(settingsSpec.previousSecretsKey.name)}`,
      code: 'key_without_successor',
      detail: 'HEADGATE_SECRETS_KEY_PREVIOUS is given, and HEADGATE_SECRETS_KEY is not',
      fix: 'give the new key as HEADGATE_SECRETS_KEY; if there is none, give the old one as HEADGATE_SECRETS_KEY',
    },
  ];
}

interface Listener {
  readonly name: string;
  readonly address: SocketAddress;
}

/** Without authentication, whoever reaches a listener is admin. */
function openFaults(settings: Settings): readonly Fault[] {
  if (settings.auth !== 'none') return [];
  const { statusAddress } = settingsSpec;
  const status = settings.statusAddress;
  const listeners = status === undefined ? [] : [{ name: statusAddress.name, address: status }];
  return [...secretListeners(settings), ...listeners].filter(isBeyondLoopback).map((listener) => ({
    pointer: pointerOf(listener),
    code: 'open_beyond_loopback',
    detail: `${describe(listener)} is not a loopback address, and HEADGATE_AUTH is none`,
    fix: 'use 127.0.0.1 or [::1], or HEADGATE_AUTH=token',
  }));
}

/** Tokens and configurations would cross the network in plain text. */
function plainTextFaults(settings: Settings): readonly Fault[] {
  if (settings.insecure || settings.auth === 'none') return [];
  return plainTextListeners(settings).map((listener) => ({
    pointer: pointerOf(listener),
    code: 'plain_text_beyond_loopback',
    detail: `${describe(listener)} is not a loopback address, and what is served there, tokens included, is plain text`,
    fix: `give a certificate (${listener.certificate}), or use 127.0.0.1 or [::1], or HEADGATE_INSECURE=true where the network itself is trusted`,
  }));
}

/** What `HEADGATE_INSECURE` allows and the log is to say: `HEADGATE_API_ADDRESS: 0.0.0.0:9001` for each such place. */
export function insecureListeners(settings: Settings): readonly string[] {
  if (!settings.insecure) return [];
  const redis = plainTextRedis(settings);
  const places = [...plainTextListeners(settings), ...(redis === undefined ? [] : [redis])];
  return places.map(describe);
}

/** Listeners beyond loopback without TLS. The status listener carries no secret. */
function plainTextListeners(settings: Settings): readonly SecretListener[] {
  return secretListeners(settings)
    .filter(isBeyondLoopback)
    .filter(({ tls }) => tlsSourcesOf(settings, tls) === undefined);
}

interface SecretListener extends Listener {
  readonly tls: TlsListener;
  /** The setting that names its certificate. */
  readonly certificate: string;
}

function secretListeners(settings: Settings): readonly SecretListener[] {
  const { apiAddress, apiTlsCert, grpcAddress, grpcTlsCert } = settingsSpec;
  return [
    { name: apiAddress.name, address: settings.apiAddress, tls: 'api', certificate: apiTlsCert.name },
    { name: grpcAddress.name, address: settings.grpcAddress, tls: 'grpc', certificate: grpcTlsCert.name },
  ];
}

function isBeyondLoopback({ address }: Listener): boolean {
  return !isLoopbackAddress(address.host);
}

function pointerOf({ name }: Listener): string {
  return `/${fileKeyOf(name)}`;
}

function describe({ name, address }: Listener): string {
  return `${name}: ${formatSocketAddress(address)}`;
}
