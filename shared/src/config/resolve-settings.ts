import { echoValue } from '../model/echo-value.ts';
import type { Checked, Fault } from '../model/fault.ts';
import { readEnvironment } from './read-environment.ts';
import { readFlags } from './read-flags.ts';
import { readSettingsFile, type SettingsFileRead } from './read-settings-file.ts';
import {
  fileKeyOf,
  flagOf,
  settingsFileName,
  type GivenSetting,
  type GivenSettings,
  type Setting,
  type SettingsSpec,
  type SettingValues,
} from './setting.ts';
import { settingsUsage } from './settings-usage.ts';

/** Where settings come from. */
export interface SettingSources {
  /** Arguments, without the program's own two. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
  /** For the usage text. Default `headgate`. */
  readonly program?: string;
}

/** What a process was told to do. */
export type ResolvedSettings<S extends SettingsSpec> =
  | { readonly kind: 'settings'; readonly values: SettingValues<S>; readonly warnings: readonly string[] }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' };

/**
 * The values of all settings: from the flag, else the environment, else the settings file (`--settings` or
 * `HEADGATE_SETTINGS`), else the default; or every fault of all of them. A secret may also come from the file that
 * `<name>_FILE` names; giving both in one source is a fault. Faults and warnings never show a secret.
 */
export function resolveSettings<const S extends SettingsSpec>(
  spec: S,
  sources: SettingSources,
): Checked<ResolvedSettings<S>> {
  const flags = readFlags(spec, sources.argv);
  if (flags.asked === 'help') {
    return { ok: true, value: { kind: 'help', text: settingsUsage(spec, sources.program ?? 'headgate') } };
  }
  if (flags.asked === 'version') return { ok: true, value: { kind: 'version' } };
  const environment = readEnvironment(spec, sources.env);
  const file = loadSettingsFile(
    spec,
    flags.given.get(settingsFileName) ?? environment.given.get(settingsFileName),
    sources,
  );
  const layers = [flags.given, environment.given, file.given];
  const faults = [...flags.faults, ...file.faults];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(spec)) {
    const resolved = resolveSetting(setting, layers, sources);
    if (resolved.ok) values[key] = resolved.value;
    else faults.push(...resolved.faults);
  }
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, value: { kind: 'settings', values: values as SettingValues<S>, warnings: environment.warnings } };
}

function loadSettingsFile(
  spec: SettingsSpec,
  given: GivenSetting | undefined,
  sources: SettingSources,
): SettingsFileRead {
  if (given === undefined) return { given: new Map(), faults: [] };
  const text = readTextFile(given, settingsFileName, sources);
  return text.ok ? readSettingsFile(spec, text.value) : { given: new Map(), faults: text.faults };
}

function resolveSetting(
  setting: Setting<unknown>,
  layers: readonly GivenSettings[],
  sources: SettingSources,
): Checked<unknown> {
  for (const layer of layers) {
    const given = layer.get(setting.name);
    const file = setting.secret === true ? layer.get(`${setting.name}_FILE`) : undefined;
    if (given !== undefined && file !== undefined) return faulty(bothGiven(setting, given, file));
    if (given !== undefined) return parseGiven(setting, given);
    if (file !== undefined) return parseSecretFile(setting, file, sources);
  }
  if (setting.default === undefined) return { ok: true, value: undefined };
  return parseGiven(setting, { origin: `the default of ${flagOf(setting.name)}`, text: setting.default });
}

function parseGiven(setting: Setting<unknown>, given: GivenSetting): Checked<unknown> {
  const parsed = setting.type.parse(given.text);
  if (parsed.ok) return parsed;
  const unshown = setting.secret === true || setting.type.unshown === true;
  const subject = unshown ? `the value of ${given.origin}` : `${given.origin}: ${echoValue(given.text)}`;
  return faulty({
    pointer: `/${fileKeyOf(setting.name)}`,
    code: 'invalid_value',
    detail: `${subject} ${parsed.problem}`,
    fix: parsed.fix,
  });
}

function parseSecretFile(setting: Setting<unknown>, file: GivenSetting, sources: SettingSources): Checked<unknown> {
  const text = readTextFile(file, `${setting.name}_FILE`, sources);
  return text.ok ? parseGiven(setting, { origin: file.origin, text: text.value.trim() }) : text;
}

function readTextFile(given: GivenSetting, name: string, sources: SettingSources): Checked<string> {
  try {
    return { ok: true, value: sources.readFile(given.text) };
  } catch (error) {
    return faulty({
      pointer: `/${fileKeyOf(name)}`,
      code: 'unreadable_file',
      detail: `${given.origin}: the file ${echoValue(given.text)} cannot be read (${reasonOf(error)})`,
      fix: 'name a file that this process may read',
    });
  }
}

function bothGiven(setting: Setting<unknown>, given: GivenSetting, file: GivenSetting): Fault {
  return {
    pointer: `/${fileKeyOf(setting.name)}`,
    code: 'duplicate_setting',
    detail: `${given.origin} and ${file.origin} are both given`,
    fix: 'give one of them',
  };
}

/** The system's code (ENOENT, EACCES) and nothing that could hold content. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown reason';
}

function faulty(fault: Fault): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults: [fault] };
}
