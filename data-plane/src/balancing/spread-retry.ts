import type { OrderInput } from './order.ts';
import type { PickContext } from './picker.ts';
import { spreadByWeight } from './spread-by-weight.ts';

/** Multiples of the golden ratio, without whole numbers, fill a line evenly, whenever they are stopped. */
const GOLDEN_RATIO = 0.618_033_988_749_894_8;

/**
 * The server for a request that has failed elsewhere, in the orders that go in turn: by weight, and apart from the order.
 * The order gives first attempts alone. If a retry took a turn, the server that fails would be owed a turn for it, and
 * would get more and more of the first attempts: of two servers, all of them. If a retry went to whoever is next, a
 * failing server's neighbour would have twice its load.
 */
export function spreadRetry(
  input: Pick<OrderInput, 'candidates' | 'availability' | 'slowStart' | 'position'>,
  { tried }: PickContext,
  rest: { readonly ignoreHealth: boolean; readonly equally?: boolean },
): number {
  const lot = (input.position.retries * GOLDEN_RATIO) % 1;
  return spreadByWeight(input, { lot, tried, ...rest });
}
