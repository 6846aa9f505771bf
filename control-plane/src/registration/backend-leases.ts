import type { HeldLease } from './lease.ts';

/** For how long at most a backend's leases do not expire, in milliseconds. */
export const longestPauseMs = 5 * 60_000;
const FEWEST_LEASES = 3;

/** Why expiry goes on: heartbeats have come back, the time is over, or the backend takes no registrations any more. */
export type PauseEnd = 'heartbeats' | 'time' | 'closed';

/** What a look at the due leases of a backend has led to. */
export interface Judgement {
  readonly expired: readonly HeldLease[];
  /** They were given a full time more. */
  readonly spared: readonly HeldLease[];
  readonly begins?: { readonly silent: number; readonly leases: number } | undefined;
  readonly ends?: PauseEnd | undefined;
}

const nothing: Judgement = { expired: [], spared: [] };

/**
 * The leases of one backend, and whether they may expire.
 *
 * Single servers die; most of a backend at once do not: then it is the network, or what carries the heartbeats, that has
 * failed, and taking the servers out would turn that into an outage. So:
 *
 * 1. A lease is *silent* once it has missed a heartbeat (`patienceMs`), *due* once its time is over.
 * 2. When a lease is due, the silent ones are counted, together with those that have expired within their last time. Are
 *    they fewer than three, or at most half of the backend, the due ones expire.
 * 3. Else expiry pauses. Due leases are held; the backend says so.
 * 4. As soon as the silent ones are no longer most of the backend, the pause ends. Those that are still silent get a full
 *    time more: their heartbeats may be the next to come back.
 * 5. After five minutes the pause ends all the same, the due ones expire, and there is no further pause before the
 *    silent ones have ceased to be most of the backend.
 *
 * Servers that beat at least twice within their time are all noticed before the first of them is due. Of rarer ones up
 * to half go before it is clear that it is most of them.
 */
export class BackendLeases {
  readonly leases = new Map<string, HeldLease>();
  readonly #due = new Set<HeldLease>();
  /** Until when each expired lease is counted. */
  #gone: readonly number[] = [];
  #silent = 0;
  #pausedUntil: number | undefined;
  /** The last pause took all its time. */
  #exhausted = false;

  /** When the pause ends at the latest; undefined when there is none. */
  get pausedUntil(): number | undefined {
    return this.#pausedUntil;
  }

  /** Whether it wants to be judged at every sweep. */
  get isPressing(): boolean {
    return this.#due.size > 0 || this.#pausedUntil !== undefined || this.#exhausted;
  }

  get isEmpty(): boolean {
    return this.leases.size === 0 && !this.isPressing;
  }

  fellSilent(lease: HeldLease): void {
    lease.silent = true;
    this.#silent++;
  }

  fellDue(lease: HeldLease): void {
    this.#due.add(lease);
  }

  /** It is heard of again, or gone. */
  settle(lease: HeldLease): void {
    if (lease.silent) this.#silent--;
    lease.silent = false;
    this.#due.delete(lease);
  }

  judge(now: number, mayPause: boolean): Judgement {
    this.#gone = this.#gone.filter((until) => until > now);
    const massive = mayPause && this.#isMassive();
    if (this.#pausedUntil !== undefined) return this.#judgePause(now, { massive, mayPause });
    if (!massive) this.#exhausted = false;
    if (this.#due.size === 0) return nothing;
    if (!massive || this.#exhausted) return { expired: this.#expire(now), spared: [] };
    this.#pausedUntil = now + longestPauseMs;
    return { ...nothing, begins: { silent: this.#silent, leases: this.leases.size } };
  }

  #judgePause(now: number, { massive, mayPause }: { massive: boolean; mayPause: boolean }): Judgement {
    const isOver = now >= this.#pausedUntil!;
    if (massive && !isOver) return nothing;
    this.#pausedUntil = undefined;
    if (!mayPause) return { expired: this.#expire(now), spared: [], ends: 'closed' };
    if (!massive) return { expired: [], spared: this.#takeDue(), ends: 'heartbeats' };
    this.#exhausted = true;
    return { expired: this.#expire(now), spared: [], ends: 'time' };
  }

  #isMassive(): boolean {
    const missing = this.#silent + this.#gone.length;
    return missing >= FEWEST_LEASES && missing * 2 > this.leases.size + this.#gone.length;
  }

  #expire(now: number): readonly HeldLease[] {
    const expired = this.#takeDue();
    for (const lease of expired) {
      this.settle(lease);
      this.leases.delete(lease.endpoint);
    }
    this.#gone = [...this.#gone, ...expired.map(({ ttlMs }) => now + ttlMs)];
    return expired;
  }

  #takeDue(): readonly HeldLease[] {
    const due = [...this.#due];
    this.#due.clear();
    return due;
  }
}
