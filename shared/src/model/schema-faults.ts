import type { z } from 'zod';
import { echoText, echoValue } from './echo-value.ts';
import { elsewhereFault } from './elsewhere-fields.ts';
import { pointerOf, type Fault } from './fault.ts';
import { comesLater } from './later-fields.ts';
import { nearestWord } from './nearest-word.ts';
import { fieldsAt, valueAt } from './schema-fields.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What was checked, and against what. */
export interface CheckedInput {
  readonly schema: z.ZodType;
  readonly input: unknown;
  /** Where the input stands in the whole document, for the pointers. */
  readonly path: Path;
}

/**
 * The faults behind a schema's issues, at most one for each place and reason. Codes: `required`, `wrong_type`,
 * `unknown_field`, `not_supported`, `state_elsewhere` and `invalid_value`. The schemas' messages are `what is wrong — what to do`.
 */
export function* schemaFaults(checked: CheckedInput, issues: readonly Issue[]): Generator<Fault> {
  let previous = '';
  for (const issue of issues) {
    // Several checks of one value fail in a row with the same message.
    const key = issue.code === 'unrecognized_keys' ? '' : `${pointerOf(issue.path)} ${issue.message}`;
    if (key !== '' && key === previous) continue;
    previous = key;
    yield* faultsOf(checked, issue);
  }
}

function* faultsOf(checked: CheckedInput, issue: Issue): Generator<Fault> {
  if (issue.code === 'unrecognized_keys') yield* unknownFields(checked, issue.path, issue.keys);
  else if (issue.code === 'invalid_union' && issue.discriminator === undefined) yield* unionFaults(checked, issue);
  else yield faultOf(checked, issue);
}

function faultOf(checked: CheckedInput, issue: Issue): Fault {
  const pointer = pointerOf([...checked.path, ...issue.path]);
  const value = valueAt(checked.input, issue.path);
  const { problem, fix } = explain(checked, issue);
  if (value === undefined && issue.path.length > 0) {
    return { pointer, code: 'required', detail: `"${echoText(String(issue.path.at(-1)))}" is missing`, fix };
  }
  return {
    pointer,
    code: hasWrongType(issue, value) ? 'wrong_type' : 'invalid_value',
    detail: `${echoValue(value)} ${problem}`,
    fix,
  };
}

/** The schema's own words, or words for a schema that has none. */
function explain(checked: CheckedInput, issue: Issue): { readonly problem: string; readonly fix: string } {
  const [problem = '', ...rest] = issue.message.split(' — ');
  if (rest.length > 0) return { problem, fix: rest.join(' — ') };
  const { fields } = fieldsAt(checked.schema, checked.input, issue.path);
  if (issue.code === 'invalid_type' && issue.expected === 'object') {
    return { problem: 'is not an object', fix: `write an object with the fields ${fields.join(', ')}` };
  }
  return { problem: 'is not valid here', fix: issue.message };
}

function hasWrongType(issue: Issue, value: unknown): boolean {
  if (issue.code === 'invalid_type') return issue.expected !== 'int' && kindOf(value) !== issue.expected;
  if (issue.code === 'invalid_value') return issue.values.every((known) => typeof known !== typeof value);
  return issue.code === 'invalid_union' && issue.discriminator === undefined && kindOf(value) !== 'object';
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}

function* unknownFields(checked: CheckedInput, path: Path, keys: readonly string[]): Generator<Fault> {
  const { id, fields } = fieldsAt(checked.schema, checked.input, path);
  for (const key of keys) {
    const pointer = pointerOf([...checked.path, ...path, key]);
    const elsewhere = elsewhereFault(id, key);
    if (elsewhere !== undefined) yield { pointer, ...elsewhere };
    else yield comesLater(id, key) ? laterField(pointer, key) : unknownField(pointer, key, fields);
  }
}

function laterField(pointer: string, key: string): Fault {
  return {
    pointer,
    code: 'not_supported',
    detail: `"${key}" is not supported by this release yet`,
    fix: 'remove it until a release supports it',
  };
}

function unknownField(pointer: string, key: string, fields: readonly string[]): Fault {
  const nearest = nearestWord(key, fields);
  const known = fields.length === 0 ? 'remove it' : `remove it; known here are ${fields.join(', ')}`;
  return {
    pointer,
    code: 'unknown_field',
    detail: `"${echoText(key)}" is not a known field`,
    fix: nearest === undefined ? known : `did you mean "${nearest}"?`,
  };
}

/**
 * Which branch of a union was meant is seen from the keys: unknown ones are reported as such, else the one branch whose
 * required keys are all there speaks, else the union itself.
 */
function* unionFaults(checked: CheckedInput, issue: z.core.$ZodIssueInvalidUnion): Generator<Fault> {
  const value = valueAt(checked.input, issue.path);
  const { fields } = fieldsAt(checked.schema, checked.input, issue.path);
  const unknown =
    typeof value === 'object' && value !== null ? Object.keys(value).filter((key) => !fields.includes(key)) : [];
  const meant = issue.errors.filter((branch) => branch.every((inner) => isInside(inner, value)));
  if (unknown.length > 0 && !Array.isArray(value)) yield* unknownFields(checked, issue.path, unknown);
  else if (meant.length !== 1) yield faultOf(checked, issue);
  else
    yield* schemaFaults(
      checked,
      meant[0]!.map((inner) => below(issue.path, inner)),
    );
}

/** Whether the issue is about the content of a key that is there. */
function isInside(issue: Issue, value: unknown): boolean {
  return issue.code !== 'unrecognized_keys' && issue.path.length > 0 && valueAt(value, issue.path) !== undefined;
}

function below(path: Path, issue: Issue): Issue {
  return { ...issue, path: [...path, ...issue.path] };
}
