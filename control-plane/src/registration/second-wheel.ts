import type { HeldLease } from './lease.ts';

/**
 * Leases by the second in which they are to be looked at. A heartbeat moves nothing here: a lease that is looked at too
 * early is put further on, so that each costs one look within its time, however often it beats.
 */
export class SecondWheel {
  readonly #bySecond = new Map<number, Set<HeldLease>>();
  #taken: number;

  /** `nowMs` is of the monotonic clock. */
  constructor(nowMs: number) {
    this.#taken = Math.floor(nowMs / 1_000);
  }

  /** Has a lease looked at no later than in the second after `atMs`. */
  put(lease: HeldLease, atMs: number): void {
    const second = Math.max(this.#taken + 1, Math.ceil(atMs / 1_000));
    if (lease.second !== undefined && lease.second <= second) return;
    this.drop(lease);
    const known = this.#bySecond.get(second);
    if (known === undefined) this.#bySecond.set(second, new Set([lease]));
    else known.add(lease);
    lease.second = second;
  }

  drop(lease: HeldLease): void {
    if (lease.second === undefined) return;
    const leases = this.#bySecond.get(lease.second);
    leases?.delete(lease);
    if (leases?.size === 0) this.#bySecond.delete(lease.second);
    lease.second = undefined;
  }

  /** Those whose second has come. */
  take(nowMs: number): readonly HeldLease[] {
    const taken: HeldLease[] = [];
    const newest = Math.floor(nowMs / 1_000);
    while (this.#taken < newest) {
      const leases = this.#bySecond.get(++this.#taken) ?? [];
      this.#bySecond.delete(this.#taken);
      for (const lease of leases) {
        lease.second = undefined;
        taken.push(lease);
      }
    }
    return taken;
  }
}
