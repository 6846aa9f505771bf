import type { Clock } from '@headgate/shared/clock';

const RETRY_MS = 1_000;

export interface WriteProbeOptions {
  readonly clock: Clock;
  /** Does all of a write that costs nothing on the disk. Throws when that is not possible. */
  readonly rehearse: () => void;
  /** Writes something durable that changes nothing. Throws when that is not possible. */
  readonly tryWrite: () => void;
}

/**
 * Whether a write could succeed now. As long as writes succeed, asking costs no write: anybody may ask, and often. After
 * one has failed, only a real one shows that the reason is gone; it is tried once a second at most.
 */
export class WriteProbe {
  readonly #options: WriteProbeOptions;
  #failure: Error | undefined;
  #triedAt = 0;

  constructor(options: WriteProbeOptions) {
    this.#options = options;
  }

  succeeded(): void {
    this.#failure = undefined;
  }

  failed(error: Error): void {
    this.#failure = error;
    this.#triedAt = this.#options.clock.monotonic();
  }

  /** Why a write would fail; undefined when it could succeed. */
  check(): string | undefined {
    if (this.#failure === undefined) return messageOf(this.#options.rehearse);
    const now = this.#options.clock.monotonic();
    if (now - this.#triedAt < RETRY_MS) return this.#failure.message;
    this.#triedAt = now;
    const reason = messageOf(this.#options.tryWrite);
    if (reason === undefined) this.#failure = undefined;
    return reason;
  }
}

function messageOf(attempt: () => void): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
