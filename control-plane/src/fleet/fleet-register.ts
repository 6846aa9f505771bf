import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import { sameSnapshot, type SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { fleetLimitDefaults, type FleetLimits } from './fleet-limits.ts';
import { FleetMember, type HealthUpdate, type Introduction } from './fleet-member.ts';
import type { LastNack, Problem, ReadableFleet } from './fleet-state.ts';
import { FleetView } from './fleet-view.ts';

export interface FleetRegisterOptions {
  readonly newest: ReadableValue<Snapshot>;
  readonly clock: Clock;
  readonly limits?: Partial<FleetLimits>;
}

/**
 * Who is there and what each serves. Not durable: after a restart of the control plane it fills as data planes come back.
 * Every event costs the same whatever the size of the fleet.
 */
export class FleetRegister {
  readonly #members = new Map<string, FleetMember>();
  /** Ids in the order in which they went. */
  readonly #gone = new Set<string>();
  readonly #watchers = new Set<(id: string) => void>();
  readonly #view = new FleetView((id) => this.#members.get(id)?.record());
  readonly #clock: Clock;
  readonly #limits: FleetLimits;
  readonly #unsubscribe: () => void;
  #newest: SnapshotId;

  constructor(options: FleetRegisterOptions) {
    this.#clock = options.clock;
    this.#limits = { ...fleetLimitDefaults, ...options.limits };
    this.#newest = options.newest.value.id;
    this.#unsubscribe = options.newest.subscribe(({ id }) => this.#advance(id));
  }

  /** Every data plane that is known. */
  get fleet(): ReadableFleet {
    return this.#view;
  }

  /** Calls back within the event itself with the id of whoever changed, came or was forgotten. Returns how to stop. */
  watch(listener: (id: string) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** What one data plane serves, without the cost of its whole record; undefined when it is not known. */
  member(id: string): Readonly<Pick<FleetMember, 'connected' | 'held'>> | undefined {
    return this.#members.get(id);
  }

  /** A data plane has said hello and was let in. */
  joined(introduction: Introduction): void {
    const { id } = introduction;
    const now = this.#clock.now();
    const member = this.#members.get(id) ?? new FleetMember(introduction, now);
    member.keep();
    member.begin(introduction, now);
    this.#gone.delete(id);
    this.#members.set(id, member);
    this.#judge(member);
    this.#changed(id);
  }

  /** Its stream has ended. It stays known for a while, with what it last said. */
  left(id: string): void {
    const member = this.#members.get(id);
    if (member === undefined || !member.connected) return;
    member.connectedSince = undefined;
    member.behindSince ??= this.#clock.now();
    member.keep = this.#clock.after(this.#limits.rememberGoneMs, () => this.#forget(id));
    this.#gone.add(id);
    this.#changed(id);
    if (this.#gone.size > this.#limits.gone) this.#forget(this.#gone.values().next().value ?? id);
  }

  /** Something was heard from it. */
  heard(id: string): void {
    const member = this.#members.get(id);
    if (member === undefined) return;
    member.lastSeen = this.#clock.now();
    this.#view.mark(id);
  }

  /** It serves a snapshot, on all of its threads. */
  acked(id: string, held: SnapshotId): void {
    this.#change(id, (member) => {
      member.held = held;
      member.rejected = false;
      this.#judge(member);
    });
  }

  /** It has refused a snapshot, and serves on what it held. */
  nacked(id: string, nack: Omit<LastNack, 'at'>): void {
    this.#change(id, (member) => {
      const errors = nack.errors.slice(0, this.#limits.errors);
      const totalErrors = Math.max(nack.totalErrors, nack.errors.length);
      member.lastNack = { ...nack, at: this.#clock.now(), errors, totalErrors };
      member.rejected = true;
    });
  }

  /** What it says about the health of servers. */
  health(id: string, update: HealthUpdate): void {
    const { deviations } = this.#limits;
    const detail = `more than ${deviations} servers are reported as not healthy; the others are not shown`;
    this.#change(id, (member) => {
      if (!member.report(update, deviations)) member.problems.set('too_many_deviations', { detail });
      else if (update.full) member.problems.delete('too_many_deviations');
    });
  }

  /** Something that an operator must know. */
  troubled(id: string, problem: Problem & { readonly stranded?: boolean }): void {
    const { code, detail, stranded = false } = problem;
    this.#change(id, (member) => member.problems.set(code, { detail, stranded }));
  }

  /** The problem is over. */
  solved(id: string, code: string): void {
    if (this.#members.get(id)?.problems.has(code) !== true) return;
    this.#change(id, (member) => member.problems.delete(code));
  }

  close(): void {
    this.#unsubscribe();
    for (const member of this.#members.values()) member.keep();
    this.#watchers.clear();
    this.#view.close();
  }

  #change(id: string, apply: (member: FleetMember) => void): void {
    const member = this.#members.get(id);
    if (member === undefined) return;
    apply(member);
    this.#changed(id);
  }

  #changed(id: string): void {
    this.#view.mark(id);
    for (const watcher of [...this.#watchers]) watcher(id);
  }

  #judge(member: FleetMember): void {
    if (sameSnapshot(member.held, this.#newest)) member.behindSince = undefined;
    else member.behindSince ??= this.#clock.now();
  }

  /** Everyone who served the newest snapshot is behind from now on. */
  #advance(newest: SnapshotId): void {
    this.#newest = newest;
    for (const [id, member] of this.#members) {
      if (member.behindSince !== undefined) continue;
      this.#judge(member);
      if (member.behindSince !== undefined) this.#view.mark(id);
    }
  }

  #forget(id: string): void {
    const member = this.#members.get(id);
    if (member === undefined || member.connected) return;
    member.keep();
    this.#members.delete(id);
    this.#gone.delete(id);
    this.#changed(id);
  }
}
