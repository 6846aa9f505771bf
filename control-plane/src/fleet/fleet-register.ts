import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import { sameSnapshot, type SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { fleetLimitDefaults, type FleetLimits } from './fleet-limits.ts';
import { FleetMember, type HealthUpdate, type Introduction } from './fleet-member.ts';
import type { FleetOccurrence } from './fleet-occurrence.ts';
import type { DataPlaneRecord, LastNack, Problem, ReadableFleet, ReportedDeviation } from './fleet-state.ts';
import { FleetView } from './fleet-view.ts';
import { lagOf, type Lag } from './lag-of.ts';
import { VersionTimes } from './version-times.ts';

export interface FleetRegisterOptions {
  readonly newest: ReadableValue<Snapshot>;
  readonly clock: Clock;
  readonly limits?: Partial<FleetLimits>;
}

/** What others may see of a member. */
export type MemberView = Readonly<
  Pick<FleetMember, 'connected' | 'held' | 'goneSince' | 'reported' | 'deviations' | 'deviation'>
>;

/**
 * Who is there and what each serves. Not durable: after a restart of the control plane it fills as data planes come back.
 * Every event costs the same whatever the size of the fleet.
 */
export class FleetRegister {
  readonly #members = new Map<string, FleetMember>();
  /** Ids in the order in which they went. */
  readonly #gone = new Set<string>();
  readonly #watchers = new Set<(id: string) => void>();
  readonly #witnesses = new Set<(occurrence: FleetOccurrence) => void>();
  readonly #view = new FleetView((id) => this.#members.get(id)?.record());
  readonly #clock: Clock;
  readonly #limits: FleetLimits;
  readonly #unsubscribe: () => void;
  readonly #times: VersionTimes;
  /** Deviations of all members. */
  #deviations = 0;
  #newest: SnapshotId;

  constructor(options: FleetRegisterOptions) {
    this.#clock = options.clock;
    this.#limits = { ...fleetLimitDefaults, ...options.limits };
    this.#newest = options.newest.value.id;
    this.#times = new VersionTimes(this.#newest, this.#clock.monotonic());
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

  /** Calls back within the event itself with what has happened, in order. Returns how to stop. */
  onOccurrence(listener: (occurrence: FleetOccurrence) => void): () => void {
    this.#witnesses.add(listener);
    return () => this.#witnesses.delete(listener);
  }

  /** How far what is served is behind the newest version; undefined when that belongs to another history. */
  lagOf({ epoch, version }: Pick<DataPlaneRecord, 'epoch' | 'version'>): Lag | undefined {
    const view = { newest: this.#newest, times: this.#times, now: this.#clock.monotonic() };
    return lagOf({ epoch, version }, view);
  }

  /** Data planes that are known. */
  get size(): number {
    return this.#members.size;
  }

  /** One data plane without the cost of its whole record; undefined when it is not known. */
  member(id: string): MemberView | undefined {
    return this.#members.get(id);
  }

  /** Every data plane that is known, in the order in which they came, without the cost of their records. */
  members(): IterableIterator<[string, MemberView]> {
    return this.#members.entries();
  }

  /** A data plane has said hello and was let in. */
  joined(introduction: Introduction): void {
    const { id } = introduction;
    const now = this.#clock.now();
    const member = this.#members.get(id) ?? new FleetMember(introduction, now);
    member.keep();
    const voided = this.#void(member);
    member.begin(introduction, now);
    this.#gone.delete(id);
    this.#members.set(id, member);
    this.#judge(member);
    this.#changed(id);
    this.#tell({ kind: 'joined', id, introduction, voided });
  }

  /** Its stream has ended. It stays known for a while, with what it last said. */
  left(id: string): void {
    const member = this.#members.get(id);
    if (member === undefined || !member.connected) return;
    member.connectedSince = undefined;
    member.goneSince = this.#clock.now();
    member.behindSince ??= this.#clock.now();
    member.keep = this.#clock.after(this.#limits.rememberGoneMs, () => this.#forget(id));
    this.#gone.add(id);
    this.#changed(id);
    this.#tell({ kind: 'left', id, held: member.held });
    if (this.#gone.size > this.#limits.gone) this.#forget(this.#gone.values().next().value ?? id);
  }

  /** Forgets one that has gone, at once. */
  forget(id: string): 'forgotten' | 'connected' | 'unknown' {
    const member = this.#members.get(id);
    if (member === undefined) return 'unknown';
    if (member.connected) return 'connected';
    this.#forget(id);
    return 'forgotten';
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
      return { kind: 'acked', id, held };
    });
  }

  /** It has refused a snapshot, and serves on what it held. */
  nacked(id: string, nack: Omit<LastNack, 'at'>): void {
    this.#change(id, (member) => {
      const errors = nack.errors.slice(0, this.#limits.errors);
      const totalErrors = Math.max(nack.totalErrors, nack.errors.length);
      member.lastNack = { ...nack, at: this.#clock.now(), errors, totalErrors };
      member.rejected = true;
      return { kind: 'nacked', id, nack: member.lastNack };
    });
  }

  /** What it says about the health of servers. */
  health(id: string, update: HealthUpdate): void {
    this.#change(id, (member) => {
      const before = member.deviationCount;
      const most = this.#mostDeviations(before);
      const detail = `more than ${most} servers are reported as not healthy; the others are not shown`;
      const { fitted, changes } = member.report(update, most);
      this.#deviations += member.deviationCount - before;
      if (!fitted) member.problems.set('too_many_deviations', { detail });
      else if (update.full) member.problems.delete('too_many_deviations');
      return changes.length === 0 && !update.full ? undefined : { kind: 'health', id, full: update.full, changes };
    });
  }

  /** Something that an operator must know. */
  troubled(id: string, problem: Problem & { readonly stranded?: boolean }): void {
    const { code, detail, stranded = false } = problem;
    this.#change(id, (member) => {
      member.problems.set(code, { detail, stranded });
      return { kind: 'troubled', id, problem: { code, detail } };
    });
  }

  /** The problem is over. */
  solved(id: string, code: string): void {
    if (this.#members.get(id)?.problems.has(code) !== true) return;
    this.#change(id, (member) => void member.problems.delete(code));
  }

  close(): void {
    this.#unsubscribe();
    for (const member of this.#members.values()) member.keep();
    this.#watchers.clear();
    this.#witnesses.clear();
    this.#view.close();
  }

  #change(id: string, apply: (member: FleetMember) => FleetOccurrence | undefined): void {
    const member = this.#members.get(id);
    if (member === undefined) return;
    const occurrence = apply(member);
    this.#changed(id);
    if (occurrence !== undefined) this.#tell(occurrence);
  }

  /** Its own limit, or what all the others leave. */
  #mostDeviations(held: number): number {
    const { deviations, totalDeviations } = this.#limits;
    return Math.max(0, Math.min(deviations, held + totalDeviations - this.#deviations));
  }

  /** What it has said of servers counts no more. */
  #void(member: FleetMember): readonly ReportedDeviation[] {
    this.#deviations -= member.deviationCount;
    return [...member.deviations()];
  }

  #tell(occurrence: FleetOccurrence): void {
    for (const witness of [...this.#witnesses]) witness(occurrence);
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
    this.#times.published(newest, this.#clock.monotonic());
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
    const voided = this.#void(member);
    this.#members.delete(id);
    this.#gone.delete(id);
    this.#changed(id);
    this.#tell({ kind: 'forgotten', id, voided });
  }
}
