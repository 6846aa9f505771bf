import { echoText } from '../model/echo-value.ts';
import { nearestWord } from '../model/nearest-word.ts';
import { namesOf, type GivenSetting, type GivenSettings, type SettingsSpec } from './setting.ts';

export interface EnvironmentRead {
  readonly given: GivenSettings;
  /** Variables that look like settings and are none; another process may know them. */
  readonly warnings: readonly string[];
}

/** Reads the `HEADGATE_*` variables. An empty variable is one that is not set, as container files write it. */
export function readEnvironment(
  spec: SettingsSpec,
  env: Readonly<Record<string, string | undefined>>,
): EnvironmentRead {
  const known = new Set(namesOf(spec));
  const given = new Map<string, GivenSetting>();
  const warnings: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('HEADGATE_') || text === undefined || text === '') continue;
    if (known.has(name)) given.set(name, { origin: name, text });
    else warnings.push(unknownVariable(name, known));
  }
  return { given, warnings };
}

function unknownVariable(name: string, known: ReadonlySet<string>): string {
  const nearest = nearestWord(name, known);
  const hint = nearest === undefined ? 'it is ignored' : `did you mean ${nearest}?`;
  return `${echoText(name)} is not a setting of this process: ${hint}`;
}
