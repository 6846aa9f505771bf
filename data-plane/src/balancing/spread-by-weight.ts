import type { ServerSlot } from '../upstream/server-slots.ts';
import type { OrderInput } from './order.ts';

export interface SpreadOptions {
  /** From 0 to below 1: where on the line of all weights the choice falls. */
  readonly lot: number;
  readonly tried: readonly ServerSlot[];
  readonly ignoreHealth: boolean;
  /** Index that is left out. Default: none. */
  readonly except?: number | undefined;
  /** Counts every server for the same. Default false. */
  readonly equally?: boolean | undefined;
}

type SpreadInput = Pick<OrderInput, 'candidates' | 'availability' | 'slowStart'>;

/**
 * The candidate at that place on the line of the weights of all who are admitted; -1 when nobody is. It looks at every
 * server twice, so it is for what is rare: retries, and lots that went to servers that are out.
 */
export function spreadByWeight(input: SpreadInput, options: SpreadOptions): number {
  const spread = { ...options, nowMs: input.slowStart.nowMs() };
  const size = input.candidates.length;
  let total = 0;
  for (let index = 0; index < size; index++) total += shareOf(input, index, spread);
  let [found, left] = [-1, options.lot * total];
  for (let index = 0; index < size; index++) {
    const share = shareOf(input, index, spread);
    if (share === 0) continue;
    // Whoever comes last is the answer when rounding has left the place beyond the line.
    found = index;
    left -= share;
    if (left < 0) break;
  }
  return found;
}

function shareOf(
  { candidates, availability, slowStart }: SpreadInput,
  index: number,
  { tried, ignoreHealth, except, equally, nowMs }: SpreadOptions & { readonly nowMs: number },
): number {
  const { server, weight } = candidates[index]!;
  if (index === except || !availability.admits(server, tried, ignoreHealth)) return 0;
  return (equally === true ? 1 : weight) * slowStart.factor(server, nowMs);
}
