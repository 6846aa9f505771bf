import { randomUUID } from 'node:crypto';
import type { Clock } from '@headgate/shared/clock';
import { EventRing, type EventRingLimits } from './event-ring.ts';
import type { EventData, EventType } from './event.ts';

export interface EventLogOptions {
  readonly clock: Clock;
  /** Names this log in the ids of its events. Default: made anew. */
  readonly epoch?: string;
  readonly limits?: Partial<EventRingLimits>;
}

/** Where a reader stands, and what it has missed before. */
export interface EventPosition {
  /** Number of the last event that needs not be read. */
  readonly after: number;
  /** Why events are missing between the id that was given and the position. */
  readonly gap?: 'restarted' | 'forgotten' | undefined;
}

/** Frames in order, and how far the reader has come with them. */
export interface EventBatch {
  readonly text: string;
  readonly after: number;
}

/**
 * What has happened lately, for those who listen. Not durable: a log begins empty with the process, under an epoch of its
 * own, and keeps a bounded number of events. Each is put into words once. Readers keep their own place, so that one who
 * reads slowly costs no memory, and is left behind when what it has not read is dropped.
 */
export class EventLog {
  readonly epoch: string;
  readonly #clock: Clock;
  readonly #ring: EventRing;
  readonly #listeners = new Set<() => void>();
  readonly #counts = new Map<EventType, number>();

  constructor(options: EventLogOptions) {
    this.#clock = options.clock;
    this.epoch = options.epoch ?? randomUUID();
    this.#ring = new EventRing(options.limits);
  }

  /** Number of the last event, 0 before the first. */
  get newest(): number {
    return this.#ring.newest;
  }

  /** Events so far, by type. */
  get counts(): ReadonlyMap<EventType, number> {
    return this.#counts;
  }

  record(type: EventType, data: EventData): void {
    const number = this.#ring.newest + 1;
    this.#ring.push({ number, type, frame: this.frame({ type, number, data }) });
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
    for (const listener of [...this.#listeners]) listener();
  }

  /** An event as it is sent (HTML Living Standard, 9.2.5). JSON has no line breaks. */
  frame({ type, number, data }: { readonly type: string; readonly number: number; readonly data: EventData }): string {
    const at = new Date(this.#clock.now()).toISOString();
    return `id: ${this.idOf(number)}\nevent: ${type}\ndata: ${JSON.stringify({ at, ...data })}\n\n`;
  }

  idOf(number: number): string {
    return `${this.epoch}:${number}`;
  }

  /**
   * Where somebody begins to read: after the event whose id it saw last, else after the newest. When that one is no
   * longer kept, or is of another epoch, after the last that is lost.
   */
  positionAfter(lastEventId: string | undefined): EventPosition {
    if (lastEventId === undefined || lastEventId === '') return { after: this.#ring.newest };
    const [, epoch, digits] = /^(.*):(\d{1,15})$/.exec(lastEventId) ?? [];
    const number = Number(digits);
    const beginning = this.#ring.oldest - 1;
    if (epoch !== this.epoch || !(number <= this.#ring.newest)) return { after: beginning, gap: 'restarted' };
    return number < beginning ? { after: beginning, gap: 'forgotten' } : { after: number };
  }

  /** The next events of some types, about `characters` of them; undefined when some were dropped unread. */
  read(after: number, types: ReadonlySet<EventType>, characters: number): EventBatch | undefined {
    if (after + 1 < this.#ring.oldest) return undefined;
    let text = '';
    let number = after;
    while (number < this.#ring.newest && text.length < characters) {
      const event = this.#ring.get(++number)!;
      if (types.has(event.type)) text += event.frame;
    }
    return { text, after: number };
  }

  /** Calls back whenever there is something new to read. Returns how to stop. */
  onRecord(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
