import type { HealthCheck } from '@headgate/shared/model/health-check';
import { verdict, type VerdictNumber } from '../upstream/server-slots.ts';
import type { ProbeOutcome } from './probe.ts';

/** A verdict, and how far it is from being turned. */
export interface ThresholdState {
  readonly verdict: VerdictNumber;
  /** Results in a row that spoke against the verdict. */
  readonly against: number;
}

/** The state of a server whose verdict is known from before, or whose check has changed: thresholds begin anew. */
export function startThreshold(from: VerdictNumber): ThresholdState {
  return { verdict: from, against: 0 };
}

/**
 * One step of rise and fall. The first answer of an unknown server decides alone; a verdict turns after `fall` failures
 * or `rise` successes in a row, strictly, and every result that agrees with it starts the count anew.
 * A failure of this machine's own says nothing, for or against.
 */
export function applyResult(
  state: ThresholdState,
  outcome: ProbeOutcome,
  { rise, fall }: Pick<HealthCheck, 'rise' | 'fall'>,
): { readonly state: ThresholdState; readonly flipped: boolean } {
  if (outcome === 'local_failure') return { state, flipped: false };
  const success = outcome === 'success';
  const says = success ? verdict.healthy : verdict.unhealthy;
  if (says === state.verdict) return { state: startThreshold(says), flipped: false };
  const against = state.against + 1;
  const needed = state.verdict === verdict.unknown ? 1 : success ? rise : fall;
  if (against >= needed) return { state: startThreshold(says), flipped: true };
  return { state: { verdict: state.verdict, against }, flipped: false };
}
