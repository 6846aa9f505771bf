import { parseDocument } from '../json/parse-document.ts';
import { echoText } from '../model/echo-value.ts';
import { pointerOf, type Fault } from '../model/fault.ts';
import { nearestWord } from '../model/nearest-word.ts';
import {
  fileKeyOf,
  namesOf,
  settingsFileName,
  type GivenSetting,
  type GivenSettings,
  type SettingsSpec,
} from './setting.ts';

export interface SettingsFileRead {
  readonly given: GivenSettings;
  readonly faults: readonly Fault[];
}

/**
 * Reads the settings file: one YAML (or JSON) object whose keys are the settings' flags in camelCase (`apiAddress`).
 * Lists may be written as lists and labels as objects. A file of nothing but comments sets nothing.
 */
export function readSettingsFile(spec: SettingsSpec, text: string): SettingsFileRead {
  const document = parseDocument(text);
  if (!document.ok) {
    const empty = document.faults[0]?.code === 'empty_document';
    return { given: new Map(), faults: empty ? [] : document.faults.map(inSettingsFile) };
  }
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { given: new Map(), faults: [noObject] };
  return readEntries(spec, Object.entries(value));
}

function readEntries(spec: SettingsSpec, entries: readonly (readonly [string, unknown])[]): SettingsFileRead {
  const names = new Map(namesOf(spec).map((name) => [fileKeyOf(name), name]));
  names.delete(fileKeyOf(settingsFileName));
  const given = new Map<string, GivenSetting>();
  const faults: Fault[] = [];
  for (const [key, value] of entries) {
    const name = names.get(key);
    const text = textOf(value);
    if (name === undefined) faults.push(unknownKey(key, names.keys()));
    else if (text === undefined) faults.push(noText(key));
    else given.set(name, { origin: `${key} in the settings file`, text });
  }
  return { given, faults };
}

/** What one would write for this value in the environment. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const texts = Array.isArray(value)
    ? value.map(scalarText)
    : Object.entries(value).map(([key, item]) => withKey(key, scalarText(item)));
  return texts.includes(undefined) ? undefined : texts.join(',');
}

function scalarText(value: unknown): string | undefined {
  return typeof value === 'object' ? undefined : textOf(value);
}

function withKey(key: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${key}=${text}`;
}

const noObject: Fault = {
  pointer: '',
  code: 'wrong_type',
  detail: 'the settings file is not an object',
  fix: 'write lines such as "apiAddress: 127.0.0.1:9001"',
};

function inSettingsFile(fault: Fault): Fault {
  return { ...fault, detail: `the settings file: ${fault.detail}` };
}

function unknownKey(key: string, known: Iterable<string>): Fault {
  const nearest = nearestWord(key, known);
  return {
    pointer: pointerOf([key]),
    code: 'unknown_setting',
    detail: `${echoText(key)} in the settings file is not a setting of this process`,
    fix:
      nearest === undefined
        ? '--help lists the settings; the file spells them in camelCase'
        : `did you mean ${nearest}?`,
  };
}

function noText(key: string): Fault {
  return {
    pointer: pointerOf([key]),
    code: 'wrong_type',
    detail: `${key} in the settings file has no value that a setting could take`,
    fix: 'write a text, a number, true or false, a list of these, or leave the key out',
  };
}
