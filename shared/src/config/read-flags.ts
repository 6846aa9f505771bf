import type { Fault } from '../model/fault.ts';
import { echoText } from '../model/echo-value.ts';
import { nearestWord } from '../model/nearest-word.ts';
import { flagOf, fileKeyOf, namesOf, type GivenSetting, type GivenSettings, type SettingsSpec } from './setting.ts';

export interface FlagsRead {
  /** Somebody asks for `--help` or `--version`. */
  readonly asked?: 'help' | 'version' | undefined;
  readonly given: GivenSettings;
  readonly faults: readonly Fault[];
}

/**
 * Reads `--name value` and `--name=value`, for booleans also `--name` and `--no-name`. A value that begins with `--` needs
 * the form with `=`. Arguments are never echoed, because a secret may stand in the wrong place.
 */
export function readFlags(spec: SettingsSpec, argv: readonly string[]): FlagsRead {
  if (argv.includes('--help') || argv.includes('-h')) return { asked: 'help', given: new Map(), faults: [] };
  if (argv.includes('--version')) return { asked: 'version', given: new Map(), faults: [] };
  const reader = { flags: knownFlags(spec), given: new Map<string, GivenSetting>(), faults: [] as Fault[] };
  for (let index = 0; index < argv.length;) index += readArgument(reader, argv, index);
  return { given: reader.given, faults: reader.faults };
}

interface KnownFlag {
  readonly name: string;
  /** The value of a flag that stands alone. */
  readonly alone?: string | undefined;
}

interface FlagReader {
  readonly flags: ReadonlyMap<string, KnownFlag>;
  readonly given: Map<string, GivenSetting>;
  readonly faults: Fault[];
}

function knownFlags(spec: SettingsSpec): ReadonlyMap<string, KnownFlag> {
  const flags = new Map<string, KnownFlag>(namesOf(spec).map((name) => [flagOf(name), { name }]));
  for (const { name, type } of Object.values(spec)) {
    if (type.flagAlone === undefined) continue;
    flags.set(flagOf(name), { name, alone: type.flagAlone });
    flags.set(flagOf(name).replace('--', '--no-'), { name, alone: 'false' });
  }
  return flags;
}

/** Returns how many arguments it has used up. */
function readArgument(reader: FlagReader, argv: readonly string[], index: number): number {
  const argument = argv[index] ?? '';
  if (!argument.startsWith('--')) {
    reader.faults.push(strayArgument(index));
    return 1;
  }
  const [flag, inline] = splitFlag(argument);
  const known = reader.flags.get(flag);
  const next = argv[index + 1];
  const follows = inline === undefined && known?.alone !== 'false' && next !== undefined && !next.startsWith('--');
  const text = inline ?? (follows ? next : known?.alone);
  const fault = faultOf(reader, flag, { known, text, inline });
  if (fault !== undefined) reader.faults.push(fault);
  else if (known !== undefined && text !== undefined) reader.given.set(known.name, { origin: flag, text });
  return follows ? 2 : 1;
}

function splitFlag(argument: string): readonly [flag: string, inline: string | undefined] {
  const equals = argument.indexOf('=');
  return equals === -1 ? [argument, undefined] : [argument.slice(0, equals), argument.slice(equals + 1)];
}

interface FlagUse {
  readonly known: KnownFlag | undefined;
  readonly text: string | undefined;
  readonly inline: string | undefined;
}

function faultOf(reader: FlagReader, flag: string, { known, text, inline }: FlagUse): Fault | undefined {
  if (known === undefined) return unknownFlag(flag, reader.flags);
  const negated = known.alone === 'false';
  if (text === undefined || (negated && inline !== undefined)) return wrongForm(flag, known, negated);
  return reader.given.has(known.name) ? repeatedFlag(flag, known) : undefined;
}

function strayArgument(index: number): Fault {
  return {
    pointer: '',
    code: 'unexpected_argument',
    detail: `argument ${index + 1} is no flag`,
    fix: 'write every setting as --name value or --name=value; --help lists them',
  };
}

function unknownFlag(flag: string, flags: ReadonlyMap<string, KnownFlag>): Fault {
  const nearest = nearestWord(flag, flags.keys());
  return {
    pointer: '',
    code: 'unknown_setting',
    // A secret that begins with two hyphens may stand here: only what looks like a flag is shown.
    detail: `${/^--[a-z]+(-[a-z]+)*$/.test(flag) ? echoText(flag) : 'an argument'} is not a flag of this process`,
    fix: nearest === undefined ? '--help lists the flags' : `did you mean ${nearest}?`,
  };
}

function wrongForm(flag: string, known: KnownFlag, negated: boolean): Fault {
  return {
    pointer: `/${fileKeyOf(known.name)}`,
    code: negated ? 'invalid_value' : 'required',
    detail: negated ? `${flag} takes no value` : `${flag} has no value`,
    fix: negated ? `write ${flag} alone` : `write ${flag} value, or ${flag}=value when the value begins with --`,
  };
}

function repeatedFlag(flag: string, known: KnownFlag): Fault {
  return {
    pointer: `/${fileKeyOf(known.name)}`,
    code: 'duplicate_setting',
    detail: `${flag} is given more than once`,
    fix: 'give it once; lists take several items separated by commas',
  };
}
