import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { DataPlaneRecord, LastNack, Problem, ReportedDeviation, VerdictChange } from './fleet-state.ts';

/** Who a data plane is and what it holds, as it says itself. */
export interface Introduction {
  readonly id: string;
  readonly processUuid: string;
  readonly softwareVersion: string;
  readonly threads: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly held: SnapshotId;
}

/** A report about health: a change of the set, or the whole of it. */
export interface HealthUpdate {
  readonly full: boolean;
  readonly deviations: readonly ReportedDeviation[];
  /** Keys of servers that are no longer deviations. */
  readonly cleared: readonly string[];
}

/** What came of a report about health. */
export interface HealthOutcome {
  readonly fitted: boolean;
  readonly changes: readonly VerdictChange[];
}

/** One data plane while it is known: changed in place, seen by others through `record`. */
export class FleetMember {
  introduction: Introduction;
  held: SnapshotId;
  connectedSince: number | undefined;
  /** Unix time in milliseconds since which it is not connected; undefined while it is. */
  goneSince: number | undefined;
  /** Whether it has sent a full set of deviations on this stream, so that its silence about a server means something. */
  reported = false;
  lastSeen: number;
  behindSince: number | undefined;
  /** It refused what it was sent last. */
  rejected = false;
  lastNack: LastNack | undefined;
  /** By code; `stranded` ones keep it from following this store. The one that came last is shown. */
  readonly problems = new Map<string, { readonly detail: string; readonly stranded?: boolean }>();
  /** Cancels its being forgotten. */
  keep: () => void = () => undefined;
  readonly #deviations = new Map<string, ReportedDeviation>();
  #health: readonly ReportedDeviation[] | undefined;

  constructor(introduction: Introduction, now: number) {
    this.introduction = introduction;
    this.held = introduction.held;
    this.lastSeen = now;
  }

  get connected(): boolean {
    return this.connectedSince !== undefined;
  }

  /** How many servers it holds for anything but healthy. */
  get deviationCount(): number {
    return this.#deviations.size;
  }

  /** Servers that it holds for anything but healthy. */
  deviations(): IterableIterator<ReportedDeviation> {
    return this.#deviations.values();
  }

  /** What it says of a server, by `backend/address:port`; undefined when nothing. */
  deviation(server: string): ReportedDeviation | undefined {
    return this.#deviations.get(server);
  }

  /** A new stream: what the last one said of health and problems is void, the last refusal stays on show. */
  begin(introduction: Introduction, now: number): void {
    this.introduction = introduction;
    this.held = introduction.held;
    this.connectedSince = now;
    this.goneSince = undefined;
    this.reported = false;
    this.lastSeen = now;
    this.rejected = false;
    this.problems.clear();
    this.#deviations.clear();
    this.#health = undefined;
  }

  /** What the report says that is new, and whether everything fitted. */
  report(update: HealthUpdate, maxDeviations: number): HealthOutcome {
    this.#health = undefined;
    this.reported ||= update.full;
    const before = new Map<string, ReportedDeviation | undefined>();
    for (const server of update.full ? [...this.#deviations.keys()] : update.cleared) {
      before.set(server, this.#deviations.get(server));
      this.#deviations.delete(server);
    }
    let fitted = true;
    for (const deviation of update.deviations) {
      const { server } = deviation;
      if (!before.has(server)) before.set(server, this.#deviations.get(server));
      const fits = this.#deviations.size < maxDeviations || this.#deviations.has(server);
      if (fits) this.#deviations.set(server, deviation);
      else fitted = false;
    }
    return { fitted, changes: this.#changesSince(before) };
  }

  record(): DataPlaneRecord {
    this.#health ??= [...this.#deviations.values()];
    const { id, processUuid, softwareVersion, threads, labels } = this.introduction;
    return Object.freeze({
      id,
      processUuid,
      softwareVersion,
      threads,
      labels,
      connected: this.connected,
      epoch: this.held.epoch,
      version: this.held.version,
      rejected: this.rejected || this.#stranded(),
      connectedSince: this.connectedSince,
      lastSeen: this.lastSeen,
      behindSince: this.behindSince,
      lastNack: this.lastNack,
      problem: this.#problem(),
      health: this.#health,
    });
  }

  #changesSince(before: ReadonlyMap<string, ReportedDeviation | undefined>): readonly VerdictChange[] {
    const changes: VerdictChange[] = [];
    for (const [server, deviation] of before) {
      const { verdict = 'healthy', lastError = '' } = this.#deviations.get(server) ?? {};
      const former = deviation?.verdict ?? 'healthy';
      if (verdict !== former) changes.push({ server, verdict, before: former, lastError });
    }
    return changes;
  }

  #stranded(): boolean {
    for (const { stranded } of this.problems.values()) if (stranded === true) return true;
    return false;
  }

  #problem(): Problem | undefined {
    const last = [...this.problems].at(-1);
    return last === undefined ? undefined : { code: last[0], detail: last[1].detail };
  }
}
