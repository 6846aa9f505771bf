import type { Clock } from '@headgate/shared/clock';
import { formatEndpoint } from '@headgate/shared/model/address';
import type { Availability } from '../balancing/availability.ts';
import type { Candidate } from '../balancing/candidate.ts';
import { rampFactor } from '../balancing/slow-start.ts';
import type { CompiledBackend } from '../routing/serving-table.ts';
import { verdict, type ServerSlots } from '../upstream/server-slots.ts';
import type { CandidateReason, ExplainedCandidate } from './explanation.ts';

const verdictNames = {
  [verdict.unknown]: 'unknown',
  [verdict.healthy]: 'healthy',
  [verdict.unhealthy]: 'unhealthy',
} as const;
/** Errors are shown in full by the data plane's health; here a thousand of them must fit into one message. */
const ERROR_CHARACTERS = 200;

/** What is known of a server beside its slot. */
export interface KnownHealth {
  /** Unix time in milliseconds since which verdict and ejection are so. */
  readonly sinceMs: number;
  /** "" when there is none. */
  readonly lastError: string;
}

export interface CandidateSources {
  readonly slots: ServerSlots;
  readonly clock: Clock;
  /** Undefined for a server that nothing finds out about. */
  readonly healthOf: (server: string) => KnownHealth | undefined;
  /** Whether several threads choose, each in an order of its own. Default false. */
  readonly severalOrders?: boolean | undefined;
}

/** The first servers of a backend, each with the reason why it is in or out. */
export function explainCandidates(
  { candidates, availability, settings }: Pick<CompiledBackend, 'candidates' | 'availability' | 'settings'>,
  most: number,
  { slots, clock, healthOf }: CandidateSources,
): readonly ExplainedCandidate[] {
  const ignoresHealth = availability.ignoresHealth();
  const tier = tierInUse(candidates, availability, ignoresHealth);
  const nowMs = clock.monotonic();
  return candidates.slice(0, most).map((candidate) => {
    const { server, weight, priority, zone, state } = candidate;
    const startedMs = slots.rampStartedMs[server.slot]!;
    const known = healthOf(server.key);
    const reason = reasonOf(candidate, { availability, ignoresHealth, tier });
    return {
      server: formatEndpoint(server.address, server.port),
      weight,
      effectiveWeight: weight * rampFactor({ startedMs, slowStartMs: settings.slowStartMs, nowMs }),
      priority,
      zone,
      state,
      verdict: verdictNames[slots.verdicts[server.slot] as keyof typeof verdictNames],
      ejected: slots.ejected[server.slot] !== 0,
      ...(known === undefined ? {} : { since: new Date(known.sinceMs).toISOString() }),
      lastError: known?.lastError.slice(0, ERROR_CHARACTERS) ?? '',
      inFlight: slots.inFlight[server.slot]!,
      in: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
    };
  });
}

/** The lowest priority that has somebody who takes the request; Infinity when nobody does. */
function tierInUse(candidates: readonly Candidate[], availability: Availability, ignoresHealth: boolean): number {
  let tier = Infinity;
  for (const { server, state, priority } of candidates) {
    if (state === 'active' && priority < tier && availability.admits(server, [], ignoresHealth)) tier = priority;
  }
  return tier;
}

interface Reasons {
  readonly availability: Availability;
  readonly ignoresHealth: boolean;
  readonly tier: number;
}

function reasonOf(candidate: Candidate, { availability, ignoresHealth, tier }: Reasons): CandidateReason | undefined {
  const { server, state, priority } = candidate;
  if (state === 'draining' || state === 'disabled') return state;
  // Of a newer control plane: pickers leave it out too.
  if (state !== 'active') return 'other_state';
  const against = availability.reasonAgainst(server, [], ignoresHealth);
  // Nothing was tried: the request has not begun.
  if (against !== undefined && against !== 'tried') return against;
  return priority > tier ? 'lower_tier' : undefined;
}
