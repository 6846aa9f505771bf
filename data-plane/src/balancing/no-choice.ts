import type { NoChoiceReason, PickContext, PickerInput, PickResult } from './picker.ts';

export type NoChoice = Extract<PickResult, { kind: 'none' }>;

const noChoices: Readonly<Record<NoChoiceReason, NoChoice>> = {
  no_servers: Object.freeze({ kind: 'none', reason: 'no_servers' }),
  no_healthy_server: Object.freeze({ kind: 'none', reason: 'no_healthy_server' }),
  at_limit: Object.freeze({ kind: 'none', reason: 'at_limit' }),
  all_tried: Object.freeze({ kind: 'none', reason: 'all_tried' }),
};

/** Why nobody was found. The same for every algorithm, and asked only then. */
export function noChoice(
  { candidates, availability }: Pick<PickerInput, 'candidates' | 'availability'>,
  { tried }: PickContext,
  ignoreHealth: boolean,
): NoChoice {
  let reason: NoChoiceReason = candidates.length === 0 ? 'no_servers' : 'no_healthy_server';
  for (const { server } of candidates) {
    const against = availability.reasonAgainst(server, tried, ignoreHealth);
    if (against === 'at_limit') return noChoices.at_limit;
    if (against === 'tried') reason = 'all_tried';
  }
  return noChoices[reason];
}
