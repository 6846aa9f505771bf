import type { SettingType } from './setting-types.ts';

/** One setting of a process. Its flag and its key in the settings file follow from its name. */
export interface Setting<T> {
  /** The environment variable: `HEADGATE_API_ADDRESS` has the flag `--api-address` and the file's key `apiAddress`. */
  readonly name: `HEADGATE_${string}`;
  readonly type: SettingType<T>;
  /** For `--help`: one sentence without a full stop, units included. */
  readonly description: string;
  /** As one would write it. Without a default the value may be undefined. */
  readonly default?: string;
  /** Its value appears in no message, and `<name>_FILE` may name a file that holds it. */
  readonly secret?: boolean;
}

/** The settings of a process by the names under which its code knows them; write it with `satisfies SettingsSpec`. */
export type SettingsSpec = Readonly<Record<string, Setting<unknown>>>;

type SettingValue<S> =
  S extends Setting<infer T> ? (S extends { readonly default: string } ? T : T | undefined) : never;

/** The values of the settings of a spec. */
export type SettingValues<S extends SettingsSpec> = { readonly [Key in keyof S]: SettingValue<S[Key]> };

/** `--api-address` of `HEADGATE_API_ADDRESS`. */
export function flagOf(name: string): string {
  return `--${name.slice('HEADGATE_'.length).toLowerCase().replaceAll('_', '-')}`;
}

/** `apiAddress` of `HEADGATE_API_ADDRESS`. */
export function fileKeyOf(name: string): string {
  const words = name.slice('HEADGATE_'.length).toLowerCase();
  return words.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Names the settings file itself; known to every process. */
export const settingsFileName = 'HEADGATE_SETTINGS';

/** Every name that can be given, secrets' files and the settings file included. */
export function namesOf(spec: SettingsSpec): readonly string[] {
  const names = Object.values(spec).flatMap(({ name, secret }) => (secret === true ? [name, `${name}_FILE`] : [name]));
  return [...names, settingsFileName];
}

/** What one source (flags, environment, file) says, by name; not yet looked at. */
export type GivenSettings = ReadonlyMap<string, GivenSetting>;

export interface GivenSetting {
  /** How the source calls it: `--api-address`, `HEADGATE_API_ADDRESS`, `apiAddress in settings.yaml`. */
  readonly origin: string;
  readonly text: string;
}
