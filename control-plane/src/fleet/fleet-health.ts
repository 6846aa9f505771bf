import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { Desired, DesiredChange } from '../desired/desired.ts';
import type { IntentState } from '../intent/intent-state.ts';
import { splitServerName } from '../intent/server-name.ts';
import type { FleetOccurrence } from './fleet-occurrence.ts';
import type { FleetRegister, MemberView } from './fleet-register.ts';
import type { ReportedDeviation, VerdictChange } from './fleet-state.ts';
import type { FlapPolicy } from './flap-tracks.ts';
import { FleetFlaps } from './fleet-flaps.ts';
import type { ServerStatements } from './server-statements.ts';
import type { Standing } from './standing.ts';
import { StandingBoard, type StandingChange } from './standing-board.ts';
import type { StandingCounts } from './statement-table.ts';

export interface FleetHealthOptions {
  readonly register: FleetRegister;
  /** What is configured, whoever wrote or brought it. */
  readonly intent: Pick<Desired, 'state' | 'onCommit'>;
  readonly clock: Clock;
  readonly flaps?: Partial<FlapPolicy>;
}

/**
 * What the fleet says of servers, put together.
 *
 * 1. A data plane has a say while it is connected, serves this store, and has sent its full set. Its silence about a
 *    server that is checked then means healthy.
 * 2. Only servers of which somebody says something else are kept, so that a report costs what it says, and a healthy
 *    fleet costs nothing. A data plane that comes or goes costs those servers once.
 * 3. What one that has gone said stays on show until it is forgotten, and counts for nothing.
 * What follows from that for each server says `StandingBoard`.
 */
export class FleetHealth {
  readonly #register: FleetRegister;
  readonly #intent: ReadableValue<IntentState>;
  readonly #flaps: FleetFlaps;
  readonly #board: StandingBoard;
  /** Known data planes, by whether they have a say: what they say, and what they do not, counts. */
  readonly #speakers = new Map<string, boolean>();
  readonly #stops: (() => void)[];

  constructor({ register, intent, clock, flaps }: FleetHealthOptions) {
    this.#register = register;
    this.#intent = intent.state;
    this.#board = new StandingBoard({ intent: intent.state, clock });
    this.#flaps = new FleetFlaps({ clock, policy: flaps, onCalm: (server) => this.#calm(server) });
    this.#stops = [
      register.onOccurrence((occurrence) => this.#witness(occurrence)),
      intent.onCommit((commit) => this.#reconfigured(commit)),
    ];
  }

  /** Calls back with what has changed about configured servers. Returns how to stop. */
  onChange(listener: (changes: readonly StandingChange[]) => void): () => void {
    return this.#board.onChange(listener);
  }

  /** Data planes that have a say. */
  get voices(): number {
    return this.#board.voices;
  }

  /** Backends about whose servers there are statements. */
  backends(): Iterable<string> {
    return this.#board.backends();
  }

  /** Servers of a backend about which there are statements, by `address:port`. They may be configured no more. */
  statements(backend: string): ReadonlyMap<string, Readonly<ServerStatements>> {
    return this.#board.statements(backend);
  }

  /** How a configured server stands. */
  standing(backend: string, endpoint: string): Standing {
    return this.#board.standing(backend, endpoint);
  }

  /** How many servers of a backend stand how; all are 0 when there is no such backend. */
  counts(backend: string): StandingCounts {
    return this.#board.counts(backend);
  }

  /** Whether a data plane that says nothing of a checked server holds it for healthy, or did before it went. */
  isHeard(id: string): boolean {
    const member = this.#register.member(id);
    return member !== undefined && this.#isHeard(member);
  }

  /** Whether a data plane changes its mind about a server, `backend/address:port`, again and again. */
  isFlapping(id: string, server: string): boolean {
    return this.#flaps.isFlapping(id, server);
  }

  /** When a data plane changed its mind last, Unix time in milliseconds; undefined when that is forgotten. */
  lastChange(id: string, server: string): number | undefined {
    return this.#flaps.lastChange(id, server);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#flaps.close();
    this.#board.close();
  }

  #witness(occurrence: FleetOccurrence): void {
    const { kind, id } = occurrence;
    switch (kind) {
      case 'joined':
        this.#silence(id, occurrence.voided);
        this.#speakers.set(id, false);
        return;
      case 'forgotten':
        this.#silence(id, occurrence.voided);
        this.#speakers.delete(id);
        return;
      case 'health':
        this.#hear(id, occurrence);
        return this.#weigh(id);
      case 'left':
        this.#flaps.forget(id);
        return this.#weigh(id);
      case 'acked':
        return this.#weigh(id);
      case 'nacked':
      case 'troubled':
        return;
    }
  }

  /** What a data plane has said is void. */
  #silence(id: string, voided: readonly ReportedDeviation[]): void {
    const hasSay = this.#speakers.get(id);
    if (hasSay === undefined) return;
    this.#flaps.forget(id);
    for (const { server, verdict } of voided) this.#board.touch(server)?.count(verdict, hasSay, -1);
    if (hasSay) this.#board.voicesChange(-1);
    this.#speakers.set(id, false);
  }

  #hear(id: string, { full, changes }: { readonly full: boolean; readonly changes: readonly VerdictChange[] }): void {
    const hasSay = this.#speakers.get(id);
    if (hasSay === undefined) return;
    for (const { server, before, verdict } of changes) {
      const subject = this.#board.touch(server);
      if (subject === undefined) continue;
      if (before !== 'healthy') subject.count(before, hasSay, -1);
      if (verdict !== 'healthy') subject.count(verdict, hasSay, 1);
      // A full set says how things are, not that they have changed.
      if (!full && this.#flaps.note(id, server)) subject.flapping++;
    }
  }

  /** Whether a data plane has a say may have changed. */
  #weigh(id: string): void {
    const had = this.#speakers.get(id);
    const member = this.#register.member(id);
    if (had === undefined || member === undefined) return;
    const hasSay = member.connected && this.#isHeard(member);
    if (hasSay === had) return;
    for (const { server, verdict } of member.deviations()) {
      const subject = this.#board.touch(server);
      subject?.count(verdict, had, -1);
      subject?.count(verdict, hasSay, 1);
    }
    this.#speakers.set(id, hasSay);
    this.#board.voicesChange(hasSay ? 1 : -1);
  }

  #isHeard({ reported, held }: MemberView): boolean {
    return reported && held.version > 0 && held.epoch === this.#intent.value.epoch;
  }

  #calm(server: string): void {
    const subject = this.#board.touch(server);
    if (subject !== undefined) subject.flapping--;
  }

  #reconfigured({ objects }: Pick<DesiredChange, 'objects'>): void {
    for (const { kind, name } of objects) {
      if (kind === 'host') continue;
      if (kind === 'backend') this.#board.reconfigured(name);
      else {
        const { backend, endpoint } = splitServerName(name);
        this.#board.reconfigured(backend, endpoint);
      }
    }
  }
}
