import { isLoopbackAddress } from '@headgate/shared/config/loopback';
import { resolveSettings, type ResolvedSettings, type SettingSources } from '@headgate/shared/config/resolve-settings';
import { fileKeyOf, type SettingValues } from '@headgate/shared/config/setting';
import { formatSocketAddress, type SocketAddress } from '@headgate/shared/config/setting-types';
import type { Checked, Fault } from '@headgate/shared/model/fault';
import { settingsSpec } from './settings-spec.ts';

export type Settings = SettingValues<typeof settingsSpec>;

/** What the process was told to do, or every reason why that cannot be: bad values first, then what does not fit together. */
export function readSettings(sources: SettingSources): Checked<ResolvedSettings<typeof settingsSpec>> {
  const resolved = resolveSettings(settingsSpec, sources);
  if (!resolved.ok || resolved.value.kind !== 'settings') return resolved;
  const faults = [...openFaults(resolved.value.values), ...plainTextFaults(resolved.value.values)];
  return faults.length === 0 ? resolved : { ok: false, faults };
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

/** Tokens and configurations would cross the network in plain text. The status listener carries none. */
function plainTextFaults(settings: Settings): readonly Fault[] {
  if (settings.insecure || settings.auth === 'none') return [];
  return secretListeners(settings)
    .filter(isBeyondLoopback)
    .map((listener) => ({
      pointer: pointerOf(listener),
      code: 'plain_text_beyond_loopback',
      detail: `${describe(listener)} is not a loopback address, and what is served there, tokens included, is plain text`,
      fix: 'use 127.0.0.1 or [::1], or HEADGATE_INSECURE=true where the network itself is trusted',
    }));
}

function secretListeners(settings: Settings): readonly Listener[] {
  return [
    { name: settingsSpec.apiAddress.name, address: settings.apiAddress },
    { name: settingsSpec.grpcAddress.name, address: settings.grpcAddress },
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
