import { parseDocument } from '@headgate/shared/json/parse-document';
import type { Checked, Fault } from '@headgate/shared/model/fault';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import type { SourceText } from './source.ts';

/** Several texts as one input for the reader of configurations, and where its parts came from. */
export interface JoinedTexts {
  readonly input: unknown;
  /** Says in a fault's pointer which text it is about: `/hosts/3` becomes `b.yaml/hosts/1`. */
  locate(fault: Fault): Fault;
}

interface ParsedText {
  readonly name: string;
  readonly input: unknown;
}

const lists = ['backends', 'hosts'] as const;

/**
 * Reads the texts of a document source. One text is a configuration of its own. Of several each may have either list or
 * both, and nothing else; their lists are put one behind the other.
 */
export function joinTexts(texts: readonly SourceText[]): Checked<JoinedTexts> {
  const parsed: ParsedText[] = [];
  const faults: Fault[] = [];
  for (const { name, text } of texts) {
    const checked = parseDocument(text);
    if (checked.ok) parsed.push({ name, input: checked.value });
    else faults.push(...checked.faults.map((fault) => within(name, fault)));
  }
  const [only, ...others] = parsed;
  if (only !== undefined && others.length === 0 && faults.length === 0) {
    return { ok: true, value: { input: only.input, locate: (fault) => within(only.name, fault) } };
  }
  faults.push(...parsed.flatMap(partFaults));
  return faults.length > 0 ? { ok: false, faults: limitFaults(faults) } : { ok: true, value: join(parsed) };
}

function partFaults({ name, input }: ParsedText): readonly Fault[] {
  if (isPart(input)) return [];
  const fix = 'write "backends": […], "hosts": […] or both, as in a configuration of one file';
  return [{ pointer: name, code: 'no_configuration', detail: 'is no part of a configuration', fix }];
}

type Part = Partial<Record<(typeof lists)[number], readonly unknown[]>>;

function isPart(input: unknown): input is Part {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  const keys = Object.keys(input);
  const known = keys.every((key) => lists.some((list) => list === key));
  return keys.length > 0 && known && Object.values(input).every(Array.isArray);
}

function join(parsed: readonly ParsedText[]): JoinedTexts {
  const joined = { backends: [] as unknown[], hosts: [] as unknown[] };
  const origins: Record<(typeof lists)[number], { readonly name: string; readonly index: number }[]> = {
    backends: [],
    hosts: [],
  };
  for (const { name, input } of parsed) {
    for (const list of lists) {
      for (const [index, item] of ((input as Part)[list] ?? []).entries()) {
        joined[list].push(item);
        origins[list].push({ name, index });
      }
    }
  }
  return {
    input: joined,
    locate(fault) {
      const [, list = '', index = '', rest = ''] = /^\/(backends|hosts)\/(\d+)(.*)$/s.exec(fault.pointer) ?? [];
      const origin = origins[list as (typeof lists)[number]]?.[Number(index)];
      return origin === undefined ? fault : { ...fault, pointer: `${origin.name}/${list}/${origin.index}${rest}` };
    },
  };
}

function within(name: string, fault: Fault): Fault {
  return { ...fault, pointer: `${name}${fault.pointer}` };
}
