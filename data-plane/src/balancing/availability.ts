import { verdict, type ServerSlot, type ServerSlots } from '../upstream/server-slots.ts';
import type { Candidate } from './candidate.ts';

/** Why a request cannot go to a server. `gone`: it has left the configuration. */
export type Unavailability = 'gone' | 'unhealthy' | 'ejected' | 'at_limit' | 'tried';

export interface AvailabilityInput {
  readonly slots: ServerSlots;
  /** Those that are active. */
  readonly candidates: readonly Candidate[];
  /** Requests in flight that one server takes; 0 is unlimited. */
  readonly requestsPerServer: number;
  /** Whether health counts for nothing once nobody is healthy. */
  readonly failOpen: boolean;
}

/**
 * Whether a request may go to a server of one backend: it is still configured, not known to be dead (what was never
 * probed may be used), not ejected, below its limit, and this request has not tried it in vain. What an operator wants of
 * the server (`Candidate.state`) is for the callers: pickers know active servers alone.
 */
export class Availability {
  readonly #slots: ServerSlots;
  readonly #candidates: readonly Candidate[];
  readonly #requestsPerServer: number;
  readonly #failOpen: boolean;

  constructor({ slots, candidates, requestsPerServer, failOpen }: AvailabilityInput) {
    this.#slots = slots;
    this.#candidates = candidates;
    this.#requestsPerServer = requestsPerServer;
    this.#failOpen = failOpen;
  }

  /** With `ignoreHealth`, a verdict or an ejection is no hindrance. */
  admits(server: ServerSlot, tried: readonly ServerSlot[], ignoreHealth: boolean): boolean {
    const { slot } = server;
    const slots = this.#slots;
    return (
      slots.current[slot] === server &&
      (ignoreHealth || (slots.verdicts[slot] !== verdict.unhealthy && slots.ejected[slot] === 0)) &&
      (this.#requestsPerServer === 0 || slots.inFlight[slot]! < this.#requestsPerServer) &&
      (tried.length === 0 || !tried.includes(server))
    );
  }

  /** Whether a request may go to a server, `failOpen` taken into account. For one server that is asked about by name. */
  isAvailable(server: ServerSlot, tried: readonly ServerSlot[]): boolean {
    return this.admits(server, tried, false) || (this.admits(server, tried, true) && this.ignoresHealth());
  }

  /** Whether health counts for nothing at the moment. Looks at every server unless one is healthy. */
  ignoresHealth(): boolean {
    return this.#failOpen && !this.hasHealthy();
  }

  /** Whether any active server is usable by its health, whatever its limit. */
  hasHealthy(): boolean {
    return this.#candidates.some(({ server }) => this.#isHealthy(server));
  }

  /** What keeps a request from a server; undefined when nothing does. The first of several reasons. */
  reasonAgainst(server: ServerSlot, tried: readonly ServerSlot[], ignoreHealth = false): Unavailability | undefined {
    const { current, verdicts, ejected, inFlight } = this.#slots;
    const { slot } = server;
    if (current[slot] !== server) return 'gone';
    if (!ignoreHealth && verdicts[slot] === verdict.unhealthy) return 'unhealthy';
    if (!ignoreHealth && ejected[slot] !== 0) return 'ejected';
    if (tried.includes(server)) return 'tried';
    const isFull = this.#requestsPerServer > 0 && inFlight[slot]! >= this.#requestsPerServer;
    return isFull ? 'at_limit' : undefined;
  }

  #isHealthy(server: ServerSlot): boolean {
    const { current, verdicts, ejected } = this.#slots;
    return current[server.slot] === server && verdicts[server.slot] !== verdict.unhealthy && ejected[server.slot] === 0;
  }
}
