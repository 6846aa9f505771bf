import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { IntentState } from '../intent/intent-state.ts';
import { disabledServers, hasChecks, isChecked } from './server-checks.ts';
import { ServerStatements } from './server-statements.ts';
import { standingOf, standings, type Standing } from './standing.ts';
import { StatementTable, type StandingCounts } from './statement-table.ts';

/** How long what comes is gathered before it is judged: two data planes that see the same seldom say it at once. */
const SETTLE_MS = 200;

/** The fleet's word about a server has changed. */
export interface StandingChange {
  /** `backend/address:port` */
  readonly server: string;
  readonly before: Standing;
  readonly standing: Standing;
}

export interface StandingBoardOptions {
  readonly intent: ReadableValue<IntentState>;
  readonly clock: Clock;
}

/**
 * How servers stand by what is said of them. Only those are kept of which somebody says something; what follows for all
 * others follows from the configuration and the number of voices. Judgement is put off for 200 ms, or until somebody
 * reads.
 */
export class StandingBoard {
  readonly #intent: ReadableValue<IntentState>;
  readonly #clock: Clock;
  readonly #table = new StatementTable();
  readonly #listeners = new Set<(changes: readonly StandingChange[]) => void>();
  readonly #dirty = new Set<ServerStatements>();
  #allDirty = false;
  #cancelSettle: (() => void) | undefined;
  #voices = 0;

  constructor({ intent, clock }: StandingBoardOptions) {
    this.#intent = intent;
    this.#clock = clock;
  }

  /** Calls back with what has changed about configured servers. Returns how to stop. */
  onChange(listener: (changes: readonly StandingChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Data planes that have a say. */
  get voices(): number {
    this.settle();
    return this.#voices;
  }

  /** Backends about whose servers there are statements. */
  backends(): Iterable<string> {
    this.settle();
    return this.#table.backends();
  }

  /** Servers of a backend about which there are statements, by `address:port`. They may be configured no more. */
  statements(backend: string): ReadonlyMap<string, Readonly<ServerStatements>> {
    this.settle();
    return this.#table.servers(backend);
  }

  /** How a configured server stands. */
  standing(backend: string, endpoint: string): Standing {
    const known = this.statements(backend).get(endpoint);
    return known?.standing ?? this.#quiet(backend, endpoint);
  }

  /** How many servers of a backend stand how; all are 0 when there is no such backend. */
  counts(backend: string): StandingCounts {
    this.settle();
    const entry = this.#intent.value.backends.get(backend);
    const stated = this.#table.servers(backend);
    const counts = { ...this.#table.counts(backend) };
    if (entry === undefined) return counts;
    let quiet = entry.servers.size - standings.reduce((sum, standing) => sum + counts[standing], 0);
    if (hasChecks(entry) && this.#voices > 0) {
      for (const endpoint of disabledServers(entry)) {
        if (stated.has(endpoint)) continue;
        counts.unknown++;
        quiet--;
      }
      counts.healthy += quiet;
    } else counts.unknown += quiet;
    return counts;
  }

  /** Judges what has come since the last time, at once. */
  settle(): void {
    this.#cancelSettle?.();
    this.#cancelSettle = undefined;
    const subjects = this.#allDirty ? this.#table.values() : this.#dirty;
    const changes: StandingChange[] = [];
    for (const subject of subjects) this.#judge(subject, changes);
    this.#dirty.clear();
    this.#allDirty = false;
    if (changes.length > 0) for (const listener of [...this.#listeners]) listener(changes);
  }

  /** One voice more, or less: it counts for every server. */
  voicesChange(by: 1 | -1): void {
    this.#voices += by;
    this.#allDirty = true;
    this.#schedule();
  }

  /** The statements about a server, which are to change; undefined for what is no server's name. */
  touch(server: string): ServerStatements | undefined {
    const slash = server.indexOf('/');
    if (slash < 1) return undefined;
    const subject = this.#find(server.slice(0, slash), server.slice(slash + 1));
    this.#mark(subject);
    return subject;
  }

  /** The configuration of a server has changed, or of its backend and all of it. */
  reconfigured(backend: string, endpoint?: string): void {
    const servers = this.#table.servers(backend);
    if (endpoint === undefined) for (const subject of servers.values()) this.#mark(subject);
    else if (servers.has(endpoint)) this.#mark(servers.get(endpoint)!);
  }

  /** No timer is left. */
  close(): void {
    this.#cancelSettle?.();
    this.#listeners.clear();
  }

  #find(backend: string, endpoint: string): ServerStatements {
    const known = this.#table.servers(backend).get(endpoint);
    if (known !== undefined) return known;
    const made = new ServerStatements(backend, endpoint);
    made.standing = this.#isConfigured(made) ? this.#quiet(backend, endpoint) : undefined;
    this.#table.add(made);
    return made;
  }

  #mark(subject: ServerStatements): void {
    this.#dirty.add(subject);
    this.#schedule();
  }

  #schedule(): void {
    this.#cancelSettle ??= this.#clock.after(SETTLE_MS, () => this.settle());
  }

  #judge(subject: ServerStatements, changes: StandingChange[]): void {
    const before = subject.standing;
    const standing = this.#isConfigured(subject) ? this.#standingOf(subject) : undefined;
    if (standing !== before) {
      this.#table.move(subject, standing);
      subject.since = this.#clock.now();
      if (before !== undefined && standing !== undefined) changes.push({ server: subject.key, before, standing });
    }
    if (subject.isEmpty) this.#table.remove(subject);
  }

  #isConfigured({ backend, endpoint }: ServerStatements): boolean {
    return this.#intent.value.backends.get(backend)?.servers.has(endpoint) ?? false;
  }

  #standingOf(subject: ServerStatements): Standing {
    const { unhealthy, ejected, unknown, flapping } = subject;
    const checked = isChecked(this.#intent.value, subject.backend, subject.endpoint);
    return standingOf({ checked, voices: this.#voices, unhealthy, ejected, unknown, flapping });
  }

  /** How a server stands of which nobody says anything. */
  #quiet(backend: string, endpoint: string): Standing {
    return this.#voices > 0 && isChecked(this.#intent.value, backend, endpoint) ? 'healthy' : 'unknown';
  }
}
