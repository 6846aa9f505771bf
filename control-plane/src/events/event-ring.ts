import type { RecordedEvent } from './event.ts';

export interface EventRingLimits {
  /** Events that are kept. Default 10,000. */
  readonly events: number;
  /** Characters of all frames that are kept. Default 16 Mi. */
  readonly characters: number;
}

export const eventRingDefaults: EventRingLimits = { events: 10_000, characters: 16 * 1024 * 1024 };

/** The last events, within bounds. Numbers have no gaps, so that an event is found by its number. */
export class EventRing {
  readonly #limits: EventRingLimits;
  /** Slot `number % events`. */
  readonly #slots: (RecordedEvent | undefined)[] = [];
  #oldest = 1;
  #newest = 0;
  #characters = 0;

  constructor(limits: Partial<EventRingLimits> = {}) {
    this.#limits = { ...eventRingDefaults, ...limits };
  }

  /** Number of the oldest event that is kept; above `newest` when there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** The newest one is always kept. @throws RangeError when its number does not follow the one before. */
  push(event: RecordedEvent): void {
    if (event.number !== this.#newest + 1) throw new RangeError(`event ${event.number} follows ${this.#newest}`);
    while (this.#isFull(event)) this.#drop();
    this.#newest = event.number;
    this.#slots[this.#slotOf(event.number)] = event;
    this.#characters += event.frame.length;
  }

  /** undefined when it is no longer kept, or has not come yet. */
  get(number: number): RecordedEvent | undefined {
    return number < this.#oldest || number > this.#newest ? undefined : this.#slots[this.#slotOf(number)];
  }

  #isFull(event: RecordedEvent): boolean {
    const kept = this.#newest - this.#oldest + 1;
    const { events, characters } = this.#limits;
    return kept > 0 && (kept >= events || this.#characters + event.frame.length > characters);
  }

  #drop(): void {
    const slot = this.#slotOf(this.#oldest++);
    this.#characters -= this.#slots[slot]?.frame.length ?? 0;
    this.#slots[slot] = undefined;
  }

  #slotOf(number: number): number {
    return number % this.#limits.events;
  }
}
