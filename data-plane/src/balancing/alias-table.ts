/**
 * Draws numbers by weight in constant time: Walker's alias method, as Vose builds it. Every number has a column of the
 * same height, filled up by part of one other number's weight at most.
 */
export class AliasTable {
  /** How much of a column is its own number's. */
  readonly #own: Float64Array;
  /** Whose the rest is. */
  readonly #other: Int32Array;

  /** Weights above 0; at least one. Costs a few steps for each. */
  constructor(weights: readonly number[]) {
    const size = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#own = Float64Array.from(weights, (weight) => (weight * size) / total);
    this.#other = Int32Array.from(weights, (_, index) => index);
    this.#fillUp();
  }

  /** `lot` is from 0 to below 1. */
  draw(lot: number): number {
    const place = lot * this.#own.length;
    const column = Math.floor(place);
    return place - column < this.#own[column]! ? column : this.#other[column]!;
  }

  #fillUp(): void {
    const low: number[] = [];
    const high: number[] = [];
    this.#own.forEach((height, index) => (height < 1 ? low : high).push(index));
    while (low.length > 0 && high.length > 0) {
      const poor = low.pop()!;
      const rich = high.at(-1)!;
      this.#other[poor] = rich;
      this.#own[rich]! -= 1 - this.#own[poor]!;
      if (this.#own[rich]! < 1) low.push(high.pop()!);
    }
    // What rounding has left over.
    for (const index of [...low, ...high]) this.#own[index] = 1;
  }
}
