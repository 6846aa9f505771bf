/**
 * Whoever is due first, among numbers from 0 on: a binary heap in typed arrays. Of equals, the lowest number comes first.
 */
export class DueHeap {
  readonly #due: Float64Array;
  readonly #order: Int32Array;

  /** Nobody's time is known before `rebuild`. */
  constructor(size: number) {
    this.#due = new Float64Array(size);
    this.#order = Int32Array.from({ length: size }, (_, index) => index);
  }

  /** Who is due first. There is always somebody. */
  get first(): number {
    return this.#order[0]!;
  }

  /** When the first is due. */
  get firstDue(): number {
    return this.#due[this.#order[0]!]!;
  }

  /** The first is due at another time now, which is later. */
  postponeFirst(due: number): void {
    this.#due[this.#order[0]!] = due;
    this.#sink(0);
  }

  /** Everyone is due at other times now. Costs a step for each. */
  rebuild(dueAt: (index: number) => number): void {
    for (let index = 0; index < this.#due.length; index++) this.#due[index] = dueAt(index);
    for (let place = (this.#order.length >> 1) - 1; place >= 0; place--) this.#sink(place);
  }

  #sink(from: number): void {
    const due = this.#due;
    const order = this.#order;
    const size = order.length;
    const index = order[from]!;
    const dueOfIndex = due[index]!;
    let place = from;
    for (let child = 2 * place + 1; child < size; child = 2 * place + 1) {
      let next = order[child]!;
      let nextDue = due[next]!;
      if (child + 1 < size) {
        const other = order[child + 1]!;
        const otherDue = due[other]!;
        if (otherDue < nextDue || (otherDue === nextDue && other < next)) {
          child++;
          next = other;
          nextDue = otherDue;
        }
      }
      if (dueOfIndex < nextDue || (dueOfIndex === nextDue && index < next)) break;
      order[place] = next;
      place = child;
    }
    order[place] = index;
  }
}
