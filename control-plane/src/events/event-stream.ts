import type { Writable } from 'node:stream';
import { every, type Clock } from '@headgate/shared/clock';
import type { EventLog } from './event-log.ts';
import type { Subscription } from './subscription.ts';

/** Frames go out in pieces of about so many characters, each when the one before was taken. */
const PIECE_CHARACTERS = 65_536;
/** How many heartbeats long a listener may take nothing. */
const PATIENCE_BEATS = 4;
/** What a client waits before it connects again. */
const RETRY_MS = 1_000;

export interface EventStreamOptions extends Subscription {
  readonly out: Writable;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly heartbeatMs: number;
}

/** ended: by the signal, or by the listener. too_slow: cut off. */
export type StreamEnd = 'ended' | 'too_slow';

/**
 * Events on their way to one listener.
 *
 * 1. It begins after the last event that the listener has seen. What is lost in between is told as the event `gap`.
 * 2. It reads from the log, not from a queue of its own: while the connection takes nothing, nothing is read, and what
 *    happens in one turn of the event loop goes out in one piece.
 * 3. A comment with the id of where the stream has come to goes out as a heartbeat, so that a client which is told of few
 *    types resumes where it was.
 * 4. A listener that is left behind by the log, or takes nothing for four heartbeats, is cut off. It may come again.
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  #after: number;
  #blocked = false;
  #blockedBeats = 0;
  #scheduled = false;
  #over = false;
  #finish: (end: StreamEnd) => void = () => undefined;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#after = options.log.newest;
  }

  /** Resolves when the stream is over; the connection is left to be ended, unless it was cut off. */
  async run(): Promise<StreamEnd> {
    const { out, log, clock, signal, heartbeatMs } = this.#options;
    if (signal.aborted || out.destroyed) return 'ended';
    const over = new Promise<StreamEnd>((resolve) => (this.#finish = resolve));
    const end = (): void => this.#finish('ended');
    signal.addEventListener('abort', end, { once: true });
    out.once('close', end).on('drain', this.#drained);
    const stops = [log.onRecord(() => this.#schedule()), every(clock, heartbeatMs, () => this.#beat())];
    this.#begin();
    const how = await over;
    this.#over = true;
    for (const stop of stops) stop();
    signal.removeEventListener('abort', end);
    out.off('close', end).off('drain', this.#drained);
    if (how === 'too_slow') out.destroy();
    return how;
  }

  #begin(): void {
    const { log, lastEventId } = this.#options;
    const { after, gap } = log.positionAfter(lastEventId);
    this.#after = after;
    const told = gap === undefined ? this.#place() : log.frame({ type: 'gap', number: after, data: { reason: gap } });
    this.#write(`retry: ${RETRY_MS}\n${told}`);
    this.#pump();
  }

  /** A comment, and an id without an event. */
  #place(): string {
    return `:\nid: ${this.#options.log.idOf(this.#after)}\n\n`;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    const { log, types } = this.#options;
    while (!this.#over && !this.#blocked && this.#after < log.newest) {
      const batch = log.read(this.#after, types, PIECE_CHARACTERS);
      if (batch === undefined) return this.#finish('too_slow');
      this.#after = batch.after;
      if (batch.text !== '') this.#write(batch.text);
    }
  }

  #beat(): void {
    if (!this.#blocked) this.#write(this.#place());
    else if (++this.#blockedBeats >= PATIENCE_BEATS) this.#finish('too_slow');
  }

  #write(text: string): void {
    this.#blocked = !this.#options.out.write(text);
  }

  readonly #drained = (): void => {
    this.#blocked = false;
    this.#blockedBeats = 0;
    this.#pump();
  };
}
