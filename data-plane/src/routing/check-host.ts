import { normaliseHostPattern } from '@headgate/shared/model/host-pattern';
import type { Host, Route } from '@headgate/shared/model/host';
import {
  headerNameRule,
  headerValueRule,
  keepsTo,
  maxConditions,
  methodRule,
  parameterNameRule,
  parameterValueRule,
  pathRule,
  type NamedMatch,
  type PathMatch,
  type TextRule,
} from '@headgate/shared/model/route-conditions';
import { maxSplit, maxSplitWeight } from '@headgate/shared/model/weighted-backend';
import { findOutOfRange, quote, type Finding } from './finding.ts';

const ROUTES = 1_000;

/** What keeps a host from being served. Whether its backends exist is looked at elsewhere. */
export function checkHost({ pattern, routes }: Host): readonly Finding[] {
  const findings: Finding[] = [];
  if (pattern.length > 300 || normaliseHostPattern(pattern) !== pattern) {
    const reason = `is ${quote(pattern)}, not a host pattern in its one spelling`;
    findings.push({ field: '/pattern', code: 'invalid_host', reason });
  }
  if (routes.length < 1 || routes.length > ROUTES) {
    findings.push({
      field: '/routes',
      code: 'out_of_range',
      reason: `has ${routes.length} routes, not 1 to ${ROUTES}`,
    });
  }
  routes.forEach((route, index) => findings.push(...checkRoute(route, `/routes/${index}`)));
  return findings;
}

function* checkRoute(route: Route, field: string): Generator<Finding> {
  const { path, method, headers, query } = route;
  if (path !== undefined && !keepsTo(pathRule, textOf(path))) {
    const reason = `is ${quote(textOf(path))}, not a path`;
    yield { field: `${field}/path`, code: 'invalid_path', reason };
  }
  if (method !== undefined && !keepsTo(methodRule, method)) {
    const reason = `is ${quote(method)}, not a method to match`;
    yield { field: `${field}/method`, code: 'invalid_method', reason };
  }
  if (headers !== undefined) yield* checkHeaders(headers, `${field}/headers`);
  if (query !== undefined)
    yield* checkConditions(query, { field: `${field}/query`, name: parameterNameRule, value: parameterValueRule });
  yield* checkSplit(route, `${field}/backends`);
}

function textOf(path: PathMatch): string {
  return 'exact' in path ? path.exact : path.prefix;
}

function* checkHeaders(headers: readonly NamedMatch[], field: string): Generator<Finding> {
  yield* checkConditions(headers, { field, name: headerNameRule, value: headerValueRule });
  for (const [index, { name }] of headers.entries()) {
    const reason = `names ${quote(name)}, which is not in lower case`;
    if (name !== name.toLowerCase()) yield { field: `${field}/${index}`, code: 'invalid_condition', reason };
  }
}

interface ConditionRules {
  readonly field: string;
  readonly name: TextRule;
  readonly value: TextRule;
}

function* checkConditions(conditions: readonly NamedMatch[], rules: ConditionRules): Generator<Finding> {
  const { field } = rules;
  if (conditions.length > maxConditions) {
    const reason = `has ${conditions.length} conditions, not up to ${maxConditions}`;
    yield { field, code: 'out_of_range', reason };
    return;
  }
  for (const [index, condition] of conditions.entries()) {
    const hasValue = !('exact' in condition) || keepsTo(rules.value, condition.exact);
    const isSound = hasValue && keepsTo(rules.name, condition.name);
    const reason = `names ${quote(condition.name)} in a way that no request can match`;
    if (!isSound) yield { field: `${field}/${index}`, code: 'invalid_condition', reason };
  }
  yield* checkUnique(conditions, field);
}

function* checkSplit(route: Route, field: string): Generator<Finding> {
  const { backends } = route;
  if (backends === undefined) return;
  if (backends.length < 1 || backends.length > maxSplit) {
    yield { field, code: 'out_of_range', reason: `has ${backends.length} backends, not 1 to ${maxSplit}` };
    return;
  }
  yield* findOutOfRange(
    backends.map(({ weight }, index) => ({
      field: `${field}/${index}/weight`,
      value: weight,
      min: 0,
      max: maxSplitWeight,
    })),
  );
  if (backends.every(({ weight }) => weight === 0))
    yield { field, code: 'out_of_range', reason: 'gives every backend the weight 0' };
  yield* checkUnique(backends, field);
}

function* checkUnique(named: readonly { readonly name: string }[], field: string): Generator<Finding> {
  if (new Set(named.map(({ name }) => name)).size < named.length)
    yield { field, code: 'named_twice', reason: 'has two entries of one name' };
}
