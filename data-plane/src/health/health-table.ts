import type { Clock } from '@headgate/shared/clock';
import { beginRamp } from '../balancing/slow-start.ts';
import type { Deviation, DeviationSource } from '../sync/deviation-source.ts';
import { verdict, type ServerSlot, type ServerSlots, type VerdictNumber } from '../upstream/server-slots.ts';
import type { ProbeResult } from './probe.ts';

/** What is known about a server that is probed. */
export interface ServerHealth {
  readonly server: ServerSlot;
  readonly verdict: VerdictNumber;
  /** Unix time in milliseconds since which the verdict stands. */
  readonly sinceMs: number;
  /** Why the last failed probe failed, "" when none has. */
  readonly lastError: string;
  readonly successes: number;
  readonly failures: number;
}

/** A verdict from before. */
export type KnownVerdict = Pick<ServerHealth, 'verdict' | 'sinceMs' | 'lastError'>;

/**
 * The verdicts about every server that is probed: written into `ServerSlots` for the pickers, and told as deviations to
 * whoever reports them. A server that is not probed is unknown, and usable.
 */
export class HealthTable implements DeviationSource {
  readonly #slots: ServerSlots;
  readonly #clock: Clock;
  readonly #servers = new Map<string, ServerHealth>();
  readonly #deviations = new Map<string, Deviation>();
  readonly #listeners = new Set<(server: string) => void>();
  readonly #changes = { healthy: 0, unhealthy: 0 };
  #revision = 0;

  constructor({ slots, clock }: { readonly slots: ServerSlots; readonly clock: Clock }) {
    this.#slots = slots;
    this.#clock = clock;
  }

  /** Servers that are probed. */
  get size(): number {
    return this.#servers.size;
  }

  /** Servers that are unhealthy. */
  get unhealthy(): number {
    return this.#deviations.size;
  }

  /** How often a server has become what it was not, the first verdict of each included. */
  get changes(): { readonly healthy: number; readonly unhealthy: number } {
    return this.#changes;
  }

  /** Grows whenever a verdict changes, or a server comes or goes. */
  get revision(): number {
    return this.#revision;
  }

  /** Every server that is probed. */
  values(): IterableIterator<ServerHealth> {
    return this.#servers.values();
  }

  find(server: string): ServerHealth | undefined {
    return this.#servers.get(server);
  }

  /** Probing begins, with a verdict from before or none. */
  begin(server: ServerSlot, known?: KnownVerdict): void {
    const fresh = { verdict: verdict.unknown, sinceMs: this.#clock.now(), lastError: '' };
    this.#set({ server, successes: 0, failures: 0, ...(known ?? fresh) });
  }

  /** A probe has ended, and this is the verdict after it. */
  record(server: ServerSlot, result: ProbeResult, after: VerdictNumber): void {
    const before = this.#servers.get(server.key);
    if (before?.server !== server) return;
    const success = result.outcome === 'success';
    if (after !== before.verdict) this.#changes[after === verdict.healthy ? 'healthy' : 'unhealthy']++;
    this.#set({
      server,
      verdict: after,
      sinceMs: after === before.verdict ? before.sinceMs : this.#clock.now(),
      lastError: success ? before.lastError : result.detail,
      successes: before.successes + (success ? 1 : 0),
      failures: before.failures + (success ? 0 : 1),
    });
  }

  /** Probing has ended: nothing is known any more. */
  forget(server: ServerSlot): void {
    if (this.#servers.get(server.key)?.server !== server) return;
    this.#servers.delete(server.key);
    this.#revision++;
    this.#write(server, verdict.unknown);
    this.#tell(server.key, undefined);
  }

  all(): Iterable<Deviation> {
    return this.#deviations.values();
  }

  get(server: string): Deviation | undefined {
    return this.#deviations.get(server);
  }

  onChange(listener: (server: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(health: ServerHealth): void {
    const { key } = health.server;
    if (this.#servers.get(key)?.verdict !== health.verdict) this.#revision++;
    this.#servers.set(key, health);
    this.#write(health.server, health.verdict);
    this.#tell(key, deviationOf(health));
  }

  /** Its slot may have been freed, and taken over, since. A server that was down starts slowly. */
  #write(server: ServerSlot, value: VerdictNumber): void {
    const slots = this.#slots;
    if (slots.get(server.key) !== server) return;
    const wasDown = slots.verdicts[server.slot] === verdict.unhealthy;
    slots.verdicts[server.slot] = value;
    if (wasDown && value !== verdict.unhealthy) beginRamp(slots, server, this.#clock.monotonic());
  }

  #tell(server: string, deviation: Deviation | undefined): void {
    const before = this.#deviations.get(server);
    if (before?.sinceMs === deviation?.sinceMs && before?.lastError === deviation?.lastError) return;
    if (deviation === undefined) this.#deviations.delete(server);
    else this.#deviations.set(server, deviation);
    for (const listener of [...this.#listeners]) listener(server);
  }
}

/** Only those are reported that get no traffic. */
function deviationOf({ server, verdict: found, sinceMs, lastError }: ServerHealth): Deviation | undefined {
  return found === verdict.unhealthy ? { server: server.key, verdict: 'unhealthy', sinceMs, lastError } : undefined;
}
