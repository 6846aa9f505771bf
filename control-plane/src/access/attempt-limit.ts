import type { Clock } from '@headgate/shared/clock';
import { remoteNetwork } from './remote-network.ts';

const MOST_ATTEMPTS = 20;
const WINDOW_MS = 60_000;
/** A network costs at most 200 bytes. */
const MOST_NETWORKS = 10_000;

export interface AttemptLimitOptions {
  readonly clock: Clock;
  /** Bad tokens of one network that are answered within the window. Default 20. */
  readonly attempts?: number;
  /** Default 1 min. */
  readonly windowMs?: number;
  /** Networks that are remembered; the one that was quiet for longest is forgotten. Default 10,000. */
  readonly networks?: number;
}

/**
 * Counts bad tokens by network within a window that slides.
 *
 * It stands in the way of bad tokens alone: a good one is let in however many bad ones came from its network. Guessing
 * 256 random bits is hopeless with or without a limit; what the limit keeps small is what guessers and misconfigured
 * clients cost in log lines and audit entries. Refusing good tokens too would let whoever shares an operator's proxy or
 * NAT lock that operator out.
 *
 * An attempt beyond the limit does not count itself, so that the time to wait that is told is true.
 */
export class AttemptLimit {
  readonly #clock: Clock;
  readonly #attempts: number;
  readonly #windowMs: number;
  readonly #networks: number;
  /** When the attempts of a network were made, the oldest first; the network with the newest last. */
  readonly #seen = new Map<string, number[]>();

  constructor({ clock, attempts, windowMs, networks }: AttemptLimitOptions) {
    this.#clock = clock;
    this.#attempts = attempts ?? MOST_ATTEMPTS;
    this.#windowMs = windowMs ?? WINDOW_MS;
    this.#networks = networks ?? MOST_NETWORKS;
  }

  /** Counts a bad token. Returns 0, or how long its network is to wait, in milliseconds, when it was one too many. */
  fail(remote: string): number {
    const network = remoteNetwork(remote);
    const now = this.#clock.monotonic();
    const recent = (this.#seen.get(network) ?? []).filter((at) => at > now - this.#windowMs);
    if (recent.length >= this.#attempts) return recent[0]! + this.#windowMs - now;
    this.#remember(network, [...recent, now]);
    return 0;
  }

  /** How many networks are remembered. */
  get size(): number {
    return this.#seen.size;
  }

  #remember(network: string, attempts: number[]): void {
    this.#seen.delete(network);
    this.#seen.set(network, attempts);
    if (this.#seen.size <= this.#networks) return;
    const [quietest] = this.#seen.keys();
    if (quietest !== undefined) this.#seen.delete(quietest);
  }
}
