import {
  type Deviation,
  type HealthReport,
  type LoadReport,
  type Nack,
  Verdict,
} from '@headgate/proto/generated/headgate/v1/control_plane';
import type { LoadUpdate } from '../fleet/fleet-load.ts';
import type { HealthUpdate } from '../fleet/fleet-member.ts';
import type { LastNack, ReportedDeviation } from '../fleet/fleet-state.ts';

/** Longer texts of data planes are cut: they are kept in memory and shown. */
const TEXT_CHARACTERS = 1_000;
/** A backend's name, a slash, an IPv6 address in brackets, a port. */
const KEY_CHARACTERS = 120;

/** A refusal as the fleet keeps it. */
export function readNack(nack: Nack): Omit<LastNack, 'at'> {
  const { epoch, version } = nack;
  const errors = nack.faults.slice(0, 100).map((fault) => ({
    object: cut(fault.object),
    field: cut(fault.field),
    code: cut(fault.code),
    reason: cut(fault.reason),
  }));
  return { epoch, version, errors, totalErrors: Math.max(nack.totalFaults, errors.length) };
}

/** A report about health as the fleet keeps it. What is no deviation is taken for cleared. */
export function readHealth(report: HealthReport): HealthUpdate {
  const cleared = [...report.cleared];
  const deviations: ReportedDeviation[] = [];
  for (const deviation of report.deviations) {
    const verdict = verdictOf(deviation);
    if (verdict === undefined) cleared.push(deviation.server);
    else if (deviation.server.length <= KEY_CHARACTERS) deviations.push(readDeviation(deviation, verdict));
  }
  return { full: report.full, deviations, cleared };
}

/** A report about load as the fleet keeps it. What is no name of a server is left out. */
export function readLoad({ full, loads }: LoadReport): LoadUpdate {
  return { full, loads: loads.filter(({ server }) => isServerName(server)) };
}

function isServerName(name: string): boolean {
  return name.length <= KEY_CHARACTERS && name.indexOf('/') > 0;
}

function readDeviation(deviation: Deviation, verdict: ReportedDeviation['verdict']): ReportedDeviation {
  return { server: deviation.server, verdict, sinceMs: deviation.sinceMs, lastError: cut(deviation.lastError) };
}

/** Undefined for what is no deviation. */
function verdictOf({ verdict, ejected }: Deviation): ReportedDeviation['verdict'] | undefined {
  if (verdict === Verdict.VERDICT_UNHEALTHY) return ejected ? 'ejected' : 'unhealthy';
  return verdict === Verdict.VERDICT_UNKNOWN ? 'unknown' : undefined;
}

function cut(text: string): string {
  return text.length <= TEXT_CHARACTERS ? text : `${text.slice(0, TEXT_CHARACTERS - 1)}…`;
}
