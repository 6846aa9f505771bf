import type { LeaseName } from './lease.ts';
import type { PauseChange, Sweep } from './lease-table.ts';

interface ModelLease extends LeaseName {
  ttlMs: number;
  from: number;
  dueAt: number;
  heardAt: number | undefined;
  gapMs: number;
}

interface GoneLease {
  readonly backend: string;
  readonly until: number;
}

interface ModelPause {
  until: number;
  state: 'running' | 'over';
}

/** The lease table in its plainest form: everything is looked at in every sweep. */
export class LeaseModel {
  #leases: ModelLease[] = [];
  #gone: GoneLease[] = [];
  readonly #pauses = new Map<string, ModelPause>();
  #sweptAt: number;

  constructor(now: number) {
    this.#sweptAt = now;
  }

  beat(name: LeaseName, ttlMs: number, now: number): void {
    const before = this.#find(name);
    const gapMs = before?.heardAt === undefined ? 0 : now - before.heardAt;
    this.#drop(name);
    this.#leases.push({ ...name, ttlMs, from: now, dueAt: now + ttlMs, heardAt: now, gapMs });
  }

  /** A backend whose last lease is taken back is forgotten with what it has lost, as one whose last lease expires is. */
  remove(name: LeaseName): void {
    this.#drop(name);
    if (this.#isForgotten(name.backend)) this.#gone = this.#others(name.backend);
  }

  names(): readonly string[] {
    return this.#leases.map(({ backend, endpoint }) => `${backend}/${endpoint}`).sort();
  }

  sweep(now: number, mayPause: (backend: string) => boolean): Sweep {
    if (now - this.#sweptAt > 3_000)
      for (const lease of this.#leases) [lease.from, lease.dueAt] = [now, now + lease.ttlMs];
    this.#sweptAt = now;
    const expired: LeaseName[] = [];
    const pauses: PauseChange[] = [];
    const backends = new Set([...this.#leases.map(({ backend }) => backend), ...this.#pauses.keys()]);
    for (const backend of backends) {
      const { gone, change } = this.#judge(backend, now, mayPause(backend));
      expired.push(...gone);
      pauses.push(...change);
    }
    return { expired, pauses };
  }

  #judge(
    backend: string,
    now: number,
    mayPause: boolean,
  ): { readonly gone: readonly LeaseName[]; readonly change: readonly PauseChange[] } {
    const second = Math.floor(now / 1_000) * 1_000;
    this.#gone = this.#gone.filter(({ until }) => until > now);
    const leases = this.#leases.filter((lease) => lease.backend === backend);
    const silent = leases.filter(
      ({ from, ttlMs, gapMs }) => from + Math.min(ttlMs, Math.max(ttlMs / 2, gapMs * 1.5)) <= second,
    );
    const due = leases.filter(({ dueAt }) => dueAt <= second);
    const recent = this.#gone.filter((one) => one.backend === backend).length;
    const missing = silent.length + recent;
    const massive = mayPause && missing >= 3 && missing > (leases.length + recent) / 2;
    const pause = this.#pauses.get(backend);
    const ends = (reason: 'heartbeats' | 'time' | 'closed', expired: number): PauseChange[] => {
      return [{ kind: 'ends', backend, reason, expired }];
    };
    if (pause?.state === 'running') {
      if (massive && now < pause.until) return { gone: [], change: [] };
      if (massive) {
        pause.state = 'over';
        return { gone: this.#expire(due, now), change: ends('time', due.length) };
      }
      this.#pauses.delete(backend);
      if (!mayPause) return { gone: this.#expire(due, now), change: ends('closed', due.length) };
      for (const lease of due) lease.dueAt = now + lease.ttlMs;
      return { gone: [], change: ends('heartbeats', 0) };
    }
    if (!massive) this.#pauses.delete(backend);
    if (due.length === 0) return { gone: [], change: [] };
    if (!massive || pause?.state === 'over') return { gone: this.#expire(due, now), change: [] };
    this.#pauses.set(backend, { until: now + 300_000, state: 'running' });
    return { gone: [], change: [{ kind: 'begins', backend, silent: silent.length, leases: leases.length }] };
  }

  #expire(due: readonly ModelLease[], now: number): readonly LeaseName[] {
    this.#leases = this.#leases.filter((lease) => !due.includes(lease));
    // A backend without leases, and without a pause that is over, is forgotten with what it has lost.
    for (const { backend, ttlMs } of due) this.#gone.push({ backend, until: now + ttlMs });
    for (const { backend } of due) if (this.#isForgotten(backend)) this.#gone = this.#others(backend);
    return due;
  }

  #drop(name: LeaseName): void {
    const dropped = this.#find(name);
    this.#leases = this.#leases.filter((lease) => lease !== dropped);
  }

  #isForgotten(backend: string): boolean {
    return !this.#pauses.has(backend) && !this.#leases.some((lease) => lease.backend === backend);
  }

  #others(backend: string): GoneLease[] {
    return this.#gone.filter((one) => one.backend !== backend);
  }

  #find({ backend, endpoint }: LeaseName): ModelLease | undefined {
    return this.#leases.find((lease) => lease.backend === backend && lease.endpoint === endpoint);
  }
}
