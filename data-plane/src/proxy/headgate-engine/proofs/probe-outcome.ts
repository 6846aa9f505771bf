import type { ProbeCase } from './probe-cases.ts';

/** What a client has seen of a case. */
export interface ProbeOutcome {
  /** All that came, and whether the connection was closed behind it, after each step. */
  readonly steps: readonly { readonly received: string; readonly closed: boolean }[];
}

const STATUS_LINE = /^HTTP\/1\.1 (\d\d\d) /gm;

/** `status/connection`, as the tables of the corpus have it. */
export function verdictKey({ steps }: ProbeOutcome): string {
  const [{ received, closed } = { received: '', closed: false }] = steps;
  const status = statusesOf(received)[0] ?? 'none';
  return `${status}/${closed ? 'C' : status === 'none' ? 'T' : 'O'}`;
}

/** Every status that came, interim ones included. */
export function statusesOf(received: string): readonly string[] {
  return [...received.matchAll(STATUS_LINE)].map((match) => match[1]!);
}

/** Why the outcome is none of those that the corpus allows; undefined when it is one. */
export function probeFault(one: ProbeCase, outcome: ProbeOutcome): string | undefined {
  const fault = lookedAtBeside(one.id, outcome) ?? (one.verdicts === undefined ? desyncFault(one, outcome) : undefined);
  if (fault !== undefined || one.verdicts === undefined || one.id in besides) return fault;
  const key = verdictKey(outcome);
  const allowed = [...(one.verdicts.Pass ?? []), ...(one.verdicts.Warn ?? [])];
  return allowed.includes(key) ? undefined : `${key}, but ${one.expected} is expected`;
}

type Look = (received: string) => boolean;

/** Cases that look at more than the status. */
const besides: Readonly<Record<string, Look>> = {
  'COMP-HEAD-NO-BODY': (received) => /^HTTP\/1\.1 2\d\d /.test(received) && received.endsWith('\r\n\r\n'),
  'COOK-ECHO': (received) => /^HTTP\/1\.1 2\d\d /.test(received) && /\r\n\r\n.*foo=bar/s.test(received),
  'COOK-PARSED-BASIC': (received) => /^HTTP\/1\.1 2\d\d /.test(received) && /\r\n\r\n.*foo=bar/s.test(received),
  'COOK-PARSED-MULTI': (received) => /^HTTP\/1\.1 2\d\d /.test(received) && /\r\n\r\n.*a=1.*b=2.*c=3/s.test(received),
  'COMP-DATE-HEADER': (received) => /^HTTP\/1\.1 2\d\d /.test(received) && /^Date: .* GMT\r$/m.test(received),
};

function lookedAtBeside(id: string, { steps }: ProbeOutcome): string | undefined {
  const look = besides[id];
  return look === undefined || look(steps[0]?.received ?? '') ? undefined : 'the answer is not as it is expected';
}

/** Requests that one reader may see where another sees none: refused and closed, or nothing but what was asked for. */
function desyncFault({ expected, scored, steps }: ProbeCase, outcome: ProbeOutcome): string | undefined {
  const [first, last] = [outcome.steps[0]!, outcome.steps.at(-1)!];
  const statuses = finalOf(last.received);
  const isServed = finalOf(first.received)[0]?.startsWith('2') === true;
  if (scored) {
    const mayServe = expected.includes('2xx + close');
    if (!first.closed) return 'the connection stays open';
    if (isServed && !mayServe) return 'the request is served';
    return statuses.length > 1 ? `${statuses.length} answers` : undefined;
  }
  if (statuses.length === 0 && !last.closed) return 'neither answered nor closed';
  return statuses.length > steps.length ? `${statuses.length} answers to ${steps.length} requests` : undefined;
}

function finalOf(received: string): readonly string[] {
  return statusesOf(received).filter((status) => status >= '200');
}
