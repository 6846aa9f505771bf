import type { AdmissionQueue, WaitingRequest } from '../upstream/admission-queue.ts';
import type { Place } from '../upstream/waiting-line.ts';
import type { NextServer } from './forwarder.ts';

/** A server, or that there is none to wait for. */
export type Settled = Exclude<NextServer, { readonly kind: 'queued' }>;

/** The turn that one request waits for in the queue of its backend, once or several times. */
export class AwaitedTurn {
  #queue: AdmissionQueue | undefined;
  #place: Place<WaitingRequest> | undefined;
  #callUp: ((turn: Settled) => void) | undefined;

  /** Takes a place in the queue; undefined when there is none. The promise never resolves for who leaves before. */
  enter(queue: AdmissionQueue, request: WaitingRequest): Promise<Settled> | undefined {
    const place = queue.enter(request);
    if (place === undefined) return undefined;
    this.#queue = queue;
    this.#place = place;
    return new Promise((resolve) => (this.#callUp = resolve));
  }

  /** The turn has come. The place is the queue's to take away; the promise resolves after this turn of the event loop. */
  settle(turn: Settled): void {
    this.#place = undefined;
    this.#callUp?.(turn);
    this.#callUp = undefined;
  }

  /** Waits no more. */
  leave(): void {
    if (this.#place === undefined) return;
    this.#queue?.leave(this.#place);
    this.#place = undefined;
    this.#callUp = undefined;
  }
}
