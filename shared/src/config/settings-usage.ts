import { flagOf, settingsFileName, type Setting, type SettingsSpec } from './setting.ts';

/** What `--help` prints: every flag with its variable, default and meaning. */
export function settingsUsage(spec: SettingsSpec, program: string): string {
  const settings = Object.values(spec).map(describeSetting);
  return [
    `Usage: ${program} [--setting value]…`,
    '',
    'Every setting comes from its flag, else from its environment variable, else from the settings file (the flag in',
    'camelCase), else it has its default.',
    '',
    ...settings,
    describe(settingsFileName, '<path>', 'The settings file, YAML or JSON'),
    '  --help\n  --version\n',
  ].join('\n');
}

function describeSetting(setting: Setting<unknown>): string {
  const fallback =
    setting.default === undefined ? '' : ` (default ${setting.default === '' ? 'empty' : setting.default})`;
  const text = describe(setting.name, setting.type.placeholder, `${setting.description}${fallback}`);
  if (setting.secret !== true) return text;
  return `${text}\n${describe(`${setting.name}_FILE`, '<path>', 'A file that holds it')}`;
}

function describe(name: string, placeholder: string, description: string): string {
  return `  ${flagOf(name)} ${placeholder}\n      ${description}. ${name}`;
}
