/** Somebody's place in a line. */
export interface Place<T> {
  readonly item: T;
  readonly sinceMs: number;
  /** The place behind; undefined for the last one, and for a place that was given up. */
  readonly next: Place<T> | undefined;
}

interface Link<T> extends Place<T> {
  next: Link<T> | undefined;
  previous: Link<T> | undefined;
  standing: boolean;
}

/** First in, first out, and out from anywhere: each at the same small cost, however long the line is. */
export class WaitingLine<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  #length = 0;

  get first(): Place<T> | undefined {
    return this.#first;
  }

  get length(): number {
    return this.#length;
  }

  append(item: T, sinceMs: number): Place<T> {
    const link: Link<T> = { item, sinceMs, next: undefined, previous: this.#last, standing: true };
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    this.#length++;
    return link;
  }

  /** False when it had been removed before. The place must be one of this line. */
  remove(place: Place<T>): boolean {
    const link = place as Link<T>;
    if (!link.standing) return false;
    link.standing = false;
    if (link.previous === undefined) this.#first = link.next;
    else link.previous.next = link.next;
    if (link.next === undefined) this.#last = link.previous;
    else link.next.previous = link.previous;
    link.next = link.previous = undefined;
    this.#length--;
    return true;
  }
}
