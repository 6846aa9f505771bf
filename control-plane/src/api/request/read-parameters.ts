import type { IncomingHttpHeaders } from 'node:http';
import { HeadgateError } from '@headgate/shared/error';
import { echoText } from '@headgate/shared/model/echo-value';
import { pointerOf, type Fault } from '@headgate/shared/model/fault';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import { nearestWord } from '@headgate/shared/model/nearest-word';
import type { z } from 'zod';
import type { Operation } from '../operation.ts';

export interface RawParameters {
  /** Decoded. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The request target, whose query is read. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export interface ValidParameters {
  readonly params: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
}

/**
 * The parameters of a request as the operation's schemas make them. An unknown or repeated query parameter is a fault:
 * it would have been meant to do something.
 *
 * @throws HeadgateError with every fault of all of them
 */
export function readParameters(operation: Operation, raw: RawParameters): ValidParameters {
  const query = readQuery(raw.target);
  const parsed = {
    path: operation.params.safeParse(raw.params),
    query: operation.query.safeParse(query.values),
    header: operation.headers.safeParse(raw.headers),
  };
  const known = Object.keys(operation.query.shape);
  const faults = limitFaults([
    ...query.faults,
    ...Object.entries(parsed).flatMap(([place, { error }]) => faultsOf(place, error?.issues ?? [], known)),
  ]);
  if (faults.length > 0 || !parsed.path.success || !parsed.query.success || !parsed.header.success) {
    throw new HeadgateError('HEADGATE_BAD_PARAMETER', 'The request has parameters that are not accepted', { faults });
  }
  return { params: parsed.path.data, query: parsed.query.data, headers: parsed.header.data };
}

function readQuery(target: string): { readonly values: Record<string, string>; readonly faults: readonly Fault[] } {
  const start = target.indexOf('?');
  const given = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [name, value] of new URLSearchParams(start === -1 ? '' : target.slice(start))) {
    if (given.has(name)) faults.push(repeated(name));
    given.set(name, value);
  }
  return { values: Object.fromEntries(given), faults };
}

/** Messages of parameter schemas are written `what is wrong — what to do`. */
function faultsOf(place: string, issues: readonly z.core.$ZodIssue[], known: readonly string[]): readonly Fault[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => unknown(name, known));
    const [detail = '', fix = ''] = issue.message.split(' — ');
    return [{ pointer: pointerOf([place, ...issue.path]), code: 'invalid_parameter', detail, fix }];
  });
}

function unknown(name: string, known: readonly string[]): Fault {
  const nearest = nearestWord(name, known);
  const listed = known.length === 0 ? 'this operation takes no query parameters' : `use ${known.join(', ')}`;
  return {
    pointer: pointerOf(['query', name]),
    code: 'unknown_parameter',
    detail: `${echoText(name)} is not a parameter of this operation`,
    fix: nearest === undefined ? listed : `did you mean ${nearest}?`,
  };
}

function repeated(name: string): Fault {
  return {
    pointer: pointerOf(['query', name]),
    code: 'repeated_parameter',
    detail: `${echoText(name)} is given more than once`,
    fix: 'give it once',
  };
}
