import { AliasTable } from './alias-table.ts';
import type { OrderInput } from './order.ts';
import type { PickContext } from './picker.ts';
import { spreadByWeight } from './spread-by-weight.ts';

/** Lots that may fall on servers that are out before one look at all servers settles it. */
const MAX_LOTS = 16;

/**
 * Draws servers by weight. A lot that falls on a server that is out is drawn again, as is one of a server in slow start,
 * but for the share of its weight that counts: so the others get what falls on it, by their weights.
 */
export class WeightedLots {
  readonly #input: Pick<OrderInput, 'candidates' | 'availability' | 'slowStart' | 'random'>;
  /** None when all weights are equal. */
  readonly #table: AliasTable | undefined;

  constructor({ candidates, availability, slowStart, random }: OrderInput) {
    this.#input = { candidates, availability, slowStart, random };
    const isEven = candidates.every(({ weight }) => weight === candidates[0]!.weight);
    this.#table = isEven ? undefined : new AliasTable(candidates.map(({ weight }) => weight));
  }

  /** Index of a candidate that may be used; -1 when there is none. `except` is left out; -1 for nobody. */
  draw({ tried }: PickContext, ignoreHealth: boolean, except: number): number {
    const { candidates, availability, slowStart, random } = this.#input;
    const nowMs = slowStart.nowMs();
    for (let lots = 0; lots < MAX_LOTS; lots++) {
      const index = this.#drawAny();
      const { server } = candidates[index]!;
      if (index === except || !availability.admits(server, tried, ignoreHealth)) continue;
      const factor = slowStart.factor(server, nowMs);
      if (factor === 1 || random() < factor) return index;
    }
    return spreadByWeight(this.#input, { lot: random(), tried, ignoreHealth, except });
  }

  #drawAny(): number {
    const lot = this.#input.random();
    return this.#table?.draw(lot) ?? Math.floor(lot * this.#input.candidates.length);
  }
}
