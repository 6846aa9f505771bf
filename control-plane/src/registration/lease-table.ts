import { BackendLeases, type Judgement, type PauseEnd } from './backend-leases.ts';
import { nextLookAt, type HeldLease, type Lease, type LeaseName } from './lease.ts';
import { SecondWheel } from './second-wheel.ts';

/** Sweeps come every second. When one is so late, heartbeats could not be taken in either. */
const STALL_MS = 3_000;

/** What a sweep has found. */
export interface Sweep {
  /** They are no longer in the table. */
  readonly expired: readonly LeaseName[];
  readonly pauses: readonly PauseChange[];
}

/** Expiry of a backend's leases has stopped, or goes on. */
export type PauseChange =
  | { readonly kind: 'begins'; readonly backend: string; readonly silent: number; readonly leases: number }
  | { readonly kind: 'ends'; readonly backend: string; readonly reason: PauseEnd; readonly expired: number };

/**
 * Who is registered, and for how long. Pure: times come in, of a clock that never jumps, in milliseconds.
 *
 * A heartbeat costs a look-up and a few assignments, no timer and nothing in the store. A sweep costs what has become
 * silent or due, and one look at each lease within its time. When the leases may expire is in `BackendLeases`.
 *
 * A process that was stopped, or starved, has heard nobody meanwhile: after a late sweep every lease gets a full time.
 */
export class LeaseTable {
  readonly #byBackend = new Map<string, BackendLeases>();
  /** Backends that want to be judged. */
  readonly #pressing = new Set<string>();
  readonly #wheel: SecondWheel;
  #sweptAt: number;

  constructor(now: number) {
    this.#wheel = new SecondWheel(now);
    this.#sweptAt = now;
  }

  /** A heartbeat: the lease begins, or counts from now. */
  beat(name: LeaseName, ttlMs: number, now: number): void {
    const lease = this.#held(name) ?? this.#add(name, ttlMs, now);
    lease.gapMs = lease.heardAt === undefined ? undefined : now - lease.heardAt;
    lease.heardAt = now;
    this.#count(lease, ttlMs, now);
  }

  /** Gives a full time to a server that has not been heard of. */
  grant(name: LeaseName, ttlMs: number, now: number): void {
    this.#count(this.#held(name) ?? this.#add(name, ttlMs, now), ttlMs, now);
  }

  remove({ backend, endpoint }: LeaseName): void {
    const owner = this.#byBackend.get(backend);
    const lease = owner?.leases.get(endpoint);
    if (owner === undefined || lease === undefined) return;
    this.#wheel.drop(lease);
    owner.settle(lease);
    owner.leases.delete(endpoint);
    this.#tidy(backend, owner);
  }

  get(name: LeaseName): Lease | undefined {
    return this.#held(name);
  }

  /** Backends that have leases, with how many. */
  *counts(): Iterable<readonly [backend: string, leases: number]> {
    for (const [backend, { leases }] of this.#byBackend) yield [backend, leases.size];
  }

  /** When the pause of a backend's expiry ends at the latest; undefined when it is not paused. */
  pausedUntil(backend: string): number | undefined {
    return this.#byBackend.get(backend)?.pausedUntil;
  }

  /** To be called every second. `mayPause` tells of a backend whether it takes heartbeats at all. */
  sweep(now: number, mayPause: (backend: string) => boolean): Sweep {
    if (now - this.#sweptAt > STALL_MS) this.#grantAll(now);
    this.#sweptAt = now;
    const second = now - (now % 1_000); // one that is looked at early is not judged earlier than the others
    for (const lease of this.#wheel.take(now)) this.#look(lease, second);
    const expired: LeaseName[] = [];
    const pauses: PauseChange[] = [];
    for (const backend of [...this.#pressing]) {
      const owner = this.#byBackend.get(backend)!;
      const judgement = owner.judge(now, mayPause(backend));
      for (const lease of judgement.spared) this.#spare(lease, now);
      expired.push(...judgement.expired);
      pauses.push(...changesOf(backend, judgement));
      this.#tidy(backend, owner);
    }
    return { expired, pauses };
  }

  #held({ backend, endpoint }: LeaseName): HeldLease | undefined {
    return this.#byBackend.get(backend)?.leases.get(endpoint);
  }

  #add({ backend, endpoint }: LeaseName, ttlMs: number, now: number): HeldLease {
    const times = { ttlMs, dueAt: now + ttlMs, countedFrom: now, heardAt: undefined, gapMs: undefined };
    const lease: HeldLease = { backend, endpoint, ...times, silent: false, second: undefined };
    let owner = this.#byBackend.get(backend);
    if (owner === undefined) this.#byBackend.set(backend, (owner = new BackendLeases()));
    owner.leases.set(endpoint, lease);
    return lease;
  }

  #count(lease: HeldLease, ttlMs: number, now: number): void {
    this.#byBackend.get(lease.backend)!.settle(lease);
    lease.ttlMs = ttlMs;
    lease.countedFrom = now;
    lease.dueAt = now + ttlMs;
    this.#wheel.put(lease, nextLookAt(lease));
  }

  #grantAll(now: number): void {
    for (const { leases } of this.#byBackend.values())
      for (const lease of leases.values()) this.#count(lease, lease.ttlMs, now);
  }

  /** It stays silent: it has only got more time. */
  #spare(lease: HeldLease, now: number): void {
    lease.dueAt = now + lease.ttlMs;
    this.#wheel.put(lease, lease.dueAt);
  }

  #look(lease: HeldLease, now: number): void {
    if (nextLookAt(lease) <= now) {
      const owner = this.#byBackend.get(lease.backend)!;
      if (!lease.silent) owner.fellSilent(lease);
      if (lease.dueAt <= now) {
        owner.fellDue(lease);
        this.#pressing.add(lease.backend);
        return;
      }
    }
    this.#wheel.put(lease, nextLookAt(lease));
  }

  #tidy(backend: string, owner: BackendLeases): void {
    if (!owner.isPressing) this.#pressing.delete(backend);
    if (owner.isEmpty) this.#byBackend.delete(backend);
  }
}

function* changesOf(backend: string, { begins, ends, expired }: Judgement): Iterable<PauseChange> {
  if (begins !== undefined) yield { kind: 'begins', backend, ...begins };
  if (ends !== undefined) yield { kind: 'ends', backend, reason: ends, expired: expired.length };
}
