import type { Clock } from '@headgate/shared/clock';
import type { Limits } from '@headgate/shared/model/limits';
import type { OtherLines } from './other-lines.ts';
import { WaitingLine, type Place } from './waiting-line.ts';

/** A request that waits for a server. */
export interface WaitingRequest {
  /** Takes a server, or the answer that there is none to wait for; false while it has to go on waiting. */
  tryAgain(): boolean;
  /** It has waited too long, or its backend has no queue any more. */
  giveUp(reason: QueueRefusal): void;
  /** Whether it cannot use every server, so that somebody behind it may be served while it waits. */
  readonly isParticular: boolean;
}

export type QueueRefusal = 'queue_timeout' | 'overloaded';

/** What is counted of one queue. */
export interface QueueCounts {
  /** Gauge: requests that wait. */
  waiting: number;
  /** Requests that have had to wait. */
  entered: number;
  /** How long those waited that do so no more. */
  waitedMs: number;
  /** Requests for which there was no place. */
  full: number;
  timedOut: number;
}

export function noQueueCounts(): QueueCounts {
  return { waiting: 0, entered: 0, waitedMs: 0, full: 0, timedOut: 0 };
}

export type QueueLimits = Pick<Limits, 'queueLength' | 'queueTimeoutMs'>;

export interface AdmissionQueueOptions {
  readonly clock: Clock;
  readonly limits: QueueLimits;
  readonly counts: QueueCounts;
  /** The queues of other threads for the same backend. Default: there are none. */
  readonly others?: OtherLines | undefined;
}

/** While somebody waits, this often it is looked whether another thread has let something come free. */
const LOOK_EVERY_MS = 20;

/**
 * Where the requests of one backend wait while every server is at its limit, first come, first served.
 *
 * 1. Whoever comes while others wait stands in line behind them, whatever has come free in the meantime.
 * 2. `serve` gives what is free to those in front. It is called when a request of the backend ends, when a snapshot or a
 *    verdict changes what may be used, and when somebody comes; it ends at the first who has to go on waiting.
 * 3. One timer looks at the one in front. The time to wait is that of the newest snapshot, so who came first is due first.
 * 4. A request that leaves is out of the line at once, wherever it stands.
 * 5. Where several threads have a queue for the backend, they have one length, and whoever has waited longest in any of
 *    them comes first: others leave what is free to him, and his thread is told, or looks by itself a little later.
 */
export class AdmissionQueue {
  readonly #clock: Clock;
  readonly #counts: QueueCounts;
  readonly #others: OtherLines | undefined;
  readonly #line = new WaitingLine<WaitingRequest>();
  #limits: QueueLimits;
  #cancelTimer: (() => void) | undefined;

  constructor({ clock, limits, counts, others }: AdmissionQueueOptions) {
    this.#clock = clock;
    this.#limits = limits;
    this.#counts = counts;
    this.#others = others;
  }

  get length(): number {
    return this.#line.length;
  }

  /** A place at the end; undefined when there is none. It is given back by `leave`, unless the request was called first. */
  enter(request: WaitingRequest): Place<WaitingRequest> | undefined {
    if (!this.#hasRoom()) {
      this.#counts.full++;
      return undefined;
    }
    this.#counts.entered++;
    this.#counts.waiting++;
    const place = this.#line.append(request, this.#clock.monotonic());
    this.#tellOthers();
    this.#setTimer();
    return place;
  }

  /** Gives a place up. One that was given up or called before means nothing. */
  leave(place: Place<WaitingRequest>): void {
    if (!this.#line.remove(place)) return;
    this.#left(place);
    this.#rest();
  }

  /** Gives what is free to those in front. */
  serve(): void {
    let place = this.#line.first;
    while (place !== undefined && this.#others?.isBehind(place.sinceMs) !== true) {
      const { next, item } = place;
      if (item.tryAgain()) this.#take(place);
      else if (!item.isParticular) break;
      place = next;
    }
    this.#rest();
  }

  /** A snapshot has changed the backend: with other limits, other servers, or by removing it. */
  reconsider(limits: QueueLimits): void {
    this.#limits = limits;
    this.serve();
    if (limits.queueLength === 0) this.#dismissWhile(() => true, 'overloaded');
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#setTimer();
  }

  #hasRoom(): boolean {
    const { queueLength } = this.#limits;
    return this.#others === undefined ? this.#line.length < queueLength : this.#others.enter(queueLength);
  }

  /** Since when somebody waits who can use whatever comes free. */
  #tellOthers(): void {
    if (this.#others === undefined) return;
    let place = this.#line.first;
    while (place?.item.isParticular === true) place = place.next;
    this.#others.head(place === undefined ? 0 : Math.max(place.sinceMs, Number.MIN_VALUE));
  }

  #take(place: Place<WaitingRequest>): void {
    this.#line.remove(place);
    this.#left(place);
  }

  #left({ sinceMs }: Place<WaitingRequest>): void {
    this.#counts.waiting--;
    this.#others?.leave();
    this.#counts.waitedMs += this.#clock.monotonic() - sinceMs;
  }

  #dismissWhile(isDue: (place: Place<WaitingRequest>) => boolean, reason: QueueRefusal): void {
    for (let place = this.#line.first; place !== undefined && isDue(place); place = this.#line.first) {
      this.#take(place);
      if (reason === 'queue_timeout') this.#counts.timedOut++;
      else this.#counts.full++;
      place.item.giveUp(reason);
    }
    this.#tellOthers();
  }

  #setTimer(): void {
    const { first } = this.#line;
    if (first === undefined || this.#cancelTimer !== undefined) return;
    const leftMs = first.sinceMs + this.#limits.queueTimeoutMs - this.#clock.monotonic();
    const restMs = this.#others === undefined ? leftMs : Math.min(leftMs, LOOK_EVERY_MS);
    this.#cancelTimer = this.#clock.after(Math.max(1, restMs), () => this.#ring());
  }

  /** The one that it was set for may have gone since: then it is set anew. */
  #ring(): void {
    this.#cancelTimer = undefined;
    this.serve();
    // Timers may ring a little early: less than a millisecond is no wait.
    const dueMs = this.#clock.monotonic() - this.#limits.queueTimeoutMs + 1;
    this.#dismissWhile(({ sinceMs }) => sinceMs < dueMs, 'queue_timeout');
    this.#setTimer();
  }

  /** Nobody waits: no timer either. */
  #rest(): void {
    this.#tellOthers();
    if (this.#line.first !== undefined) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
