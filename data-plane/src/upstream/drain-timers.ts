import type { Clock } from '@headgate/shared/clock';
import type { ServerSlot, ServerSlots } from './server-slots.ts';

/**
 * Lets the requests and tunnels of servers that have left the configuration, or are disabled, end by themselves, and cuts
 * what is left when the backend's drain time is over.
 *
 * 1. `drain` starts a server's time, unless it runs already: a disabled server that leaves gets no new one. A server
 *    with nothing in flight needs none.
 * 2. When its last request ends, timer and signal go.
 * 3. When the time is over first, its signal aborts; whoever carries a request listens to it and ends that.
 * 4. `keepReturned`: servers that take new requests again are back. Their timers go; what was cut stays cut, what
 *    begins from now on has a new signal.
 */
export class DrainTimers {
  readonly #slots: ServerSlots;
  readonly #clock: Clock;
  readonly #controllers = new Map<ServerSlot, AbortController>();
  /** Servers that have left or are disabled and have something in flight, each with how to cancel its timer. */
  readonly #leaving = new Map<ServerSlot, () => void>();
  readonly #stopListening: () => void;

  constructor({ slots, clock }: { readonly slots: ServerSlots; readonly clock: Clock }) {
    this.#slots = slots;
    this.#clock = clock;
    this.#stopListening = slots.onFreed((server) => this.#forget(server));
  }

  /** Number of servers that have left or are disabled and still have something in flight. */
  get draining(): number {
    return this.#leaving.size;
  }

  /**
   * Aborts when the server has left or is disabled and its drain time is over. One signal is shared by all that is in flight at a
   * server, made when it is first asked for. Ask for a server whose request has begun, or the signal outlives it.
   */
  cutSignal(server: ServerSlot): AbortSignal {
    return this.#controllerOf(server).signal;
  }

  /** The server has left the configuration, or is disabled: what it carries may go on for `drainMs`. */
  drain(server: ServerSlot, drainMs: number): void {
    if (this.#slots.get(server.key) !== server || this.#slots.inFlight[server.slot] === 0) return this.#forget(server);
    if (this.#leaving.has(server)) return;
    this.#leaving.set(
      server,
      this.#clock.after(drainMs, () => this.#cut(server)),
    );
  }

  /** Some servers are configured again, or no longer disabled. Costs as much as there are servers that drain. */
  keepReturned(): void {
    for (const [server, cancel] of this.#leaving) {
      if (this.#slots.isRetired(server)) continue;
      cancel();
      this.#leaving.delete(server);
      if (this.#controllers.get(server)?.signal.aborted === true) this.#controllers.delete(server);
    }
  }

  /** Cuts nothing; no timer is left. */
  close(): void {
    this.#stopListening();
    for (const cancel of this.#leaving.values()) cancel();
    this.#leaving.clear();
    this.#controllers.clear();
  }

  #controllerOf(server: ServerSlot): AbortController {
    const known = this.#controllers.get(server);
    if (known !== undefined) return known;
    const made = new AbortController();
    this.#controllers.set(server, made);
    return made;
  }

  #cut(server: ServerSlot): void {
    this.#controllerOf(server).abort(
      new Error('the server has left the configuration or is disabled, and its drain time is over'),
    );
  }

  #forget(server: ServerSlot): void {
    this.#leaving.get(server)?.();
    this.#leaving.delete(server);
    this.#controllers.delete(server);
  }
}
