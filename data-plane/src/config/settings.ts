import { isLoopbackAddress } from '@headgate/shared/config/loopback';
import { resolveSettings, type ResolvedSettings, type SettingSources } from '@headgate/shared/config/resolve-settings';
import type { SettingValues } from '@headgate/shared/config/setting';
import type { Checked } from '@headgate/shared/model/fault';
import { settingsSpec } from './settings-spec.ts';
import { tlsFaults } from './tls-settings.ts';

export type Settings = SettingValues<typeof settingsSpec>;

/** What the process was told to do, or every reason why that cannot be: bad values first, then what does not fit together. */
export function readSettings(sources: SettingSources): Checked<ResolvedSettings<typeof settingsSpec>> {
  const resolved = resolveSettings(settingsSpec, sources);
  if (!resolved.ok || resolved.value.kind !== 'settings') return resolved;
  const faults = tlsFaults(resolved.value.values);
  return faults.length === 0 ? resolved : { ok: false, faults };
}

/** Whether the admin listener can only be reached from this machine. */
export function adminIsLocal(settings: Pick<Settings, 'adminAddress'>): boolean {
  return isLoopbackAddress(settings.adminAddress.host);
}
