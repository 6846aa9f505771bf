import { isLoopbackAddress } from '@headgate/shared/config/loopback';
import { resolveSettings, type ResolvedSettings, type SettingSources } from '@headgate/shared/config/resolve-settings';
import type { SettingValues } from '@headgate/shared/config/setting';
import type { Checked } from '@headgate/shared/model/fault';
import { settingsSpec } from './settings-spec.ts';

export type Settings = SettingValues<typeof settingsSpec>;

/** What the process was told to do, or every reason why that cannot be. */
export function readSettings(sources: SettingSources): Checked<ResolvedSettings<typeof settingsSpec>> {
  return resolveSettings(settingsSpec, sources);
}

/** Whether the admin listener can only be reached from this machine. */
export function adminIsLocal(settings: Pick<Settings, 'adminAddress'>): boolean {
  return isLoopbackAddress(settings.adminAddress.host);
}
