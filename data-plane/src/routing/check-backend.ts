import type { Backend } from '@headgate/shared/model/backend';
import type { HealthCheck, StatusRange } from '@headgate/shared/model/health-check';
import { nameSchema } from '@headgate/shared/model/name';
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
  if (findAlgorithm(backend.algorithm) === undefined) {
    const reason = `is ${quote(backend.algorithm)}, which this data plane does not know`;
    findings.push({ field: '/algorithm', code: 'unknown_algorithm', reason });
  }
  return backend.healthCheck === undefined ? findings : [...findings, ...checkHealthCheck(backend.healthCheck)];
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

function checkHttp({ path, validStatuses }: HealthCheck): readonly Finding[] {
  const findings: Finding[] = [];
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

function isStatusRange({ from, to }: StatusRange): boolean {
  return Number.isInteger(from) && Number.isInteger(to) && from >= 100 && from <= to && to <= 599;
}

function numbersOf({ timeouts, requestBodyBytes }: Backend): readonly BoundedNumber[] {
  return [
    { field: '/timeouts/connectMs', value: timeouts.connectMs, min: 10, max: 300_000 },
    { field: '/timeouts/firstByteMs', value: timeouts.firstByteMs, min: 10, max: 24 * HOUR_MS },
    { field: '/timeouts/idleMs', value: timeouts.idleMs, min: 10, max: 24 * HOUR_MS },
    { field: '/timeouts/tunnelIdleMs', value: timeouts.tunnelIdleMs, min: 1_000, max: 168 * HOUR_MS },
    { field: '/timeouts/drainMs', value: timeouts.drainMs, min: 0, max: 168 * HOUR_MS },
    { field: '/requestBodyBytes', value: requestBodyBytes, min: 0, max: Number.MAX_SAFE_INTEGER },
  ];
}

function numbersOfCheck(check: HealthCheck): readonly BoundedNumber[] {
  return [
    { field: '/healthCheck/intervalMs', value: check.intervalMs, min: 100, max: HOUR_MS },
    { field: '/healthCheck/timeoutMs', value: check.timeoutMs, min: 10, max: 300_000 },
    { field: '/healthCheck/fall', value: check.fall, min: 1, max: 100 },
    { field: '/healthCheck/rise', value: check.rise, min: 1, max: 100 },
    { field: '/healthCheck/jitterPercent', value: check.jitterPercent, min: 0, max: 50 },
  ];
}
