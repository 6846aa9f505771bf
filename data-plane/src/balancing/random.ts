import type { CreateOrder } from './order.ts';
import { WeightedLots } from './weighted-lots.ts';

/**
 * A lot for each request, by weight. No choice depends on another: nothing is shared, and data planes do not fall into
 * step. Shares come out by chance, so over few requests they are uneven.
 */
export const createRandom: CreateOrder = (input) => {
  const lots = new WeightedLots(input);
  return {
    choose: (context, ignoreHealth) => lots.draw(context, ignoreHealth, -1),
    peek: (context, ignoreHealth) => lots.draw(context, ignoreHealth, -1),
  };
};
