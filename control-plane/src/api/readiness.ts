import type { Clock } from '@headgate/shared/clock';

export type ReadinessResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** One thing without which the control plane cannot do its work. */
export interface ReadinessCheck {
  /** Such as `store`. */
  readonly name: string;
  check(): Promise<ReadinessResult> | ReadinessResult;
}

/** What is not ready, with reasons; empty when all is. */
export type Unready = readonly { readonly name: string; readonly reason: string }[];

/** A result is good for so long: probes need no token, and must not wear out the disk. */
const FRESH_MS = 1_000;
/** A check that takes longer counts as failed. */
const TIMEOUT_MS = 2_000;

/** Whether the control plane can do its work. Callers at the same time share one look. */
export class Readiness {
  readonly #checks: readonly ReadinessCheck[];
  readonly #clock: Clock;
  #result: Promise<Unready> | undefined;

  constructor(checks: readonly ReadinessCheck[], clock: Clock) {
    this.#checks = checks;
    this.#clock = clock;
  }

  /** What is not ready now, or was not up to a second ago. Never rejects. */
  unready(): Promise<Unready> {
    this.#result ??= this.#look();
    return this.#result;
  }

  async #look(): Promise<Unready> {
    const results = await Promise.all(this.#checks.map((check) => this.#ask(check)));
    this.#clock.after(FRESH_MS, () => (this.#result = undefined));
    return results.flat();
  }

  async #ask(check: ReadinessCheck): Promise<Unready> {
    const { name } = check;
    let cancel: () => void = () => undefined;
    const late = new Promise<ReadinessResult>((resolve) => {
      cancel = this.#clock.after(TIMEOUT_MS, () => resolve({ ok: false, reason: 'does not answer' }));
    });
    try {
      const result = await Promise.race([check.check(), late]);
      return result.ok ? [] : [{ name, reason: result.reason }];
    } catch {
      return [{ name, reason: 'cannot be looked at' }];
    } finally {
      cancel();
    }
  }
}
