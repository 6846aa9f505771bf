import type { Backend } from '@headgate/shared/model/backend';
import { hashSources } from '@headgate/shared/model/balance';
import type { Ejection } from '@headgate/shared/model/ejection';
import {
  probeFieldSchema,
  probeHostSchema,
  probeMethods,
  type HealthCheck,
  type StatusRange,
} from '@headgate/shared/model/health-check';
import { nameSchema } from '@headgate/shared/model/name';
import type { Session } from '@headgate/shared/model/session';
import { TOKEN } from '@headgate/shared/model/token';
import { findAlgorithm } from '../balancing/algorithms.ts';
import { findOutOfRange, quote, type BoundedNumber, type Finding } from './finding.ts';

const HOUR_MS = 3_600_000;
const STATUS_RANGES = 32;
const PROBE_PATH = /^\/[\x21\x22\x24-\x7e]{0,2047}$/;

/** What keeps a backend's settings from being served. */
export function checkBackend(backend: Backend): readonly Finding[] {
  const findings = [...findOutOfRange(numbersOf(backend))];
  if (!nameSchema.safeParse(backend.name).success) {
    findings.push({ field: '/name', code: 'invalid_name', reason: `is ${quote(backend.name)}, not a name` });
  }
  findings.push(...findUnknownWords(backend));
  return backend.healthCheck === undefined ? findings : [...findings, ...checkHealthCheck(backend.healthCheck)];
}

/** Words that a newer control plane may have brought. */
function* findUnknownWords({ balance, session, ejection }: Backend): Generator<Finding> {
  const { algorithm, key } = balance;
  if (findAlgorithm(algorithm) === undefined) {
    const reason = `is ${quote(algorithm)}, which this data plane does not know`;
    yield { field: '/balance/algorithm', code: 'unknown_algorithm', reason };
  }
  yield* findUnknown('/balance/key/source', key.source, hashSources);
  if (session !== undefined) {
    yield* findUnknown('/session/sameSite', session.sameSite, ['Lax', 'Strict', 'None']);
    yield* findUnknown('/session/secure', session.secure, ['auto', 'always', 'never']);
    yield* findUnsafeSession(session);
  }
  if (ejection !== undefined) yield* findUnknown('/ejection/recovery', ejection.recovery, ['time', 'probe']);
}

function* findUnknown(field: string, word: string, known: readonly string[]): Generator<Finding> {
  if (known.includes(word)) return;
  yield { field, code: 'unknown_value', reason: `is ${quote(word)}, which this data plane does not know` };
}

/** What stands in a Set-Cookie field must not be able to end it. */
function* findUnsafeSession({ cookie, path, domain }: Session): Generator<Finding> {
  if (!TOKEN.test(cookie) || cookie.length > 64) {
    yield { field: '/session/cookie', code: 'invalid_name', reason: `is ${quote(cookie)}, not a name of a cookie` };
  }
  for (const [field, text] of [
    ['/session/path', path],
    ['/session/domain', domain],
  ] as const) {
    if (!/^[\x21-\x3a\x3c-\x7e]{0,256}$/.test(text))
      yield { field, code: 'invalid_value', reason: `is ${quote(text)}` };
  }
}

function checkHealthCheck(check: HealthCheck): readonly Finding[] {
  const findings = findOutOfRange(numbersOfCheck(check));
  switch (check.type) {
    case 'tcp':
      return findings;
    case 'http':
      return [...findings, ...checkHttp(check)];
    default:
      return [...findings, { field: '/healthCheck/type', code: 'unknown_check', reason: 'is neither tcp nor http' }];
  }
}

function checkHttp(check: HealthCheck): readonly Finding[] {
  const { path, validStatuses } = check;
  const findings: Finding[] = checkProbeHead(check);
  if (!PROBE_PATH.test(path)) {
    findings.push({
      field: '/healthCheck/path',
      code: 'invalid_path',
      reason: `is ${quote(path)}, not a request path`,
    });
  }
  if (validStatuses.length < 1 || validStatuses.length > STATUS_RANGES) {
    const reason = `has ${validStatuses.length} ranges, not 1 to ${STATUS_RANGES}`;
    findings.push({ field: '/healthCheck/validStatuses', code: 'out_of_range', reason });
  }
  validStatuses.forEach((range, index) => {
    if (isStatusRange(range)) return;
    const reason = `is ${range.from}-${range.to}, not a range from 100 to 599`;
    findings.push({ field: `/healthCheck/validStatuses/${index}`, code: 'out_of_range', reason });
  });
  return findings;
}

/** What else stands in the head of a probe: nothing there may end a line. */
function checkProbeHead({ method, host, headers }: HealthCheck): Finding[] {
  const findings: Finding[] = [];
  if (!probeMethods.some((known) => known === method)) {
    const reason = `is ${quote(method)}, not a method of a probe`;
    findings.push({ field: '/healthCheck/method', code: 'invalid_method', reason });
  }
  if (host !== '' && !probeHostSchema.safeParse(host).success) {
    findings.push({ field: '/healthCheck/host', code: 'invalid_host', reason: `is ${quote(host)}, not a host` });
  }
  headers.forEach((header, index) => {
    if (probeFieldSchema.safeParse(header).success) return;
    const reason = `is ${quote(`${header.name}: ${header.value}`)}, not a field of a probe`;
    findings.push({ field: `/healthCheck/headers/${index}`, code: 'invalid_field', reason });
  });
  return findings;
}

function isStatusRange({ from, to }: StatusRange): boolean {
  return Number.isInteger(from) && Number.isInteger(to) && from >= 100 && from <= to && to <= 599;
}

function numbersOf({
  timeouts,
  limits,
  retry,
  ejection,
  session,
  slowStartMs,
  balance,
}: Backend): readonly BoundedNumber[] {
  return [
    { field: '/timeouts/connectMs', value: timeouts.connectMs, min: 10, max: 300_000 },
    { field: '/timeouts/firstByteMs', value: timeouts.firstByteMs, min: 10, max: 24 * HOUR_MS },
    { field: '/timeouts/idleMs', value: timeouts.idleMs, min: 10, max: 24 * HOUR_MS },
    { field: '/timeouts/tunnelIdleMs', value: timeouts.tunnelIdleMs, min: 1_000, max: 168 * HOUR_MS },
    { field: '/timeouts/drainMs', value: timeouts.drainMs, min: 0, max: 168 * HOUR_MS },
    { field: '/limits/requestBodyBytes', value: limits.requestBodyBytes, min: 0, max: Number.MAX_SAFE_INTEGER },
    { field: '/limits/requestsPerServer', value: limits.requestsPerServer, min: 0, max: 1_000_000 },
    { field: '/limits/queueLength', value: limits.queueLength, min: 0, max: 100_000 },
    { field: '/limits/queueTimeoutMs', value: limits.queueTimeoutMs, min: 0, max: 300_000 },
    { field: '/retry/attempts', value: retry.attempts, min: 0, max: 10 },
    { field: '/retry/budgetPercent', value: retry.budgetPercent, min: 0, max: 100 },
    { field: '/retry/minConcurrent', value: retry.minConcurrent, min: 0, max: 10_000 },
    { field: '/retry/replayBytes', value: retry.replayBytes, min: 0, max: 65_536 },
    { field: '/slowStartMs', value: slowStartMs, min: 0, max: HOUR_MS },
    { field: '/balance/loadFactorPercent', value: balance.loadFactorPercent, min: 0, max: 1_000 },
    ...(session === undefined
      ? []
      : [{ field: '/session/maxAgeSeconds', value: session.maxAgeSeconds, min: 0, max: 8_760 * 3_600 }]),
    ...(ejection === undefined ? [] : numbersOfEjection(ejection)),
  ];
}

function numbersOfEjection(ejection: Ejection): readonly BoundedNumber[] {
  return [
    { field: '/ejection/consecutiveFailures', value: ejection.consecutiveFailures, min: 1, max: 1_000 },
    { field: '/ejection/baseTimeMs', value: ejection.baseTimeMs, min: 100, max: HOUR_MS },
    { field: '/ejection/maxTimeMs', value: ejection.maxTimeMs, min: 100, max: 24 * HOUR_MS },
    { field: '/ejection/maxPercent', value: ejection.maxPercent, min: 1, max: 100 },
  ];
}

function numbersOfCheck(check: HealthCheck): readonly BoundedNumber[] {
  return [
    { field: '/healthCheck/intervalMs', value: check.intervalMs, min: 100, max: HOUR_MS },
    { field: '/healthCheck/downIntervalMs', value: check.downIntervalMs, min: 100, max: HOUR_MS },
    { field: '/healthCheck/concurrency', value: check.concurrency, min: 1, max: 100 },
    { field: '/healthCheck/timeoutMs', value: check.timeoutMs, min: 10, max: 300_000 },
    { field: '/healthCheck/fall', value: check.fall, min: 1, max: 100 },
    { field: '/healthCheck/rise', value: check.rise, min: 1, max: 100 },
    { field: '/healthCheck/jitterPercent', value: check.jitterPercent, min: 0, max: 50 },
  ];
}
