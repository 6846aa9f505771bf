import { every, type Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { AccessStore, AuditEntry, AuditQuery, StoredAuditEntry } from '../store/access-store.ts';
import { storeRefusal } from './store-refusal.ts';

/** Refusals are written together, so that a flood of them costs one transaction in this time. */
const WRITE_EVERY_MS = 5_000;
/** Kinds of refusals that are told apart in one such time. */
const MOST_KINDS = 50;
const FORGET_EVERY_MS = 3_600_000;
/** Stands for the addresses, names and operations of refusals beyond that. */
const SEVERAL = 'several';

export interface AuditLogOptions {
  readonly store: AccessStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every request that was refused. */
  readonly observe?: (refusal: RefusedRequest) => void;
}

/** A request that was refused. It must hold no secret. */
export interface RefusedRequest {
  /** The operation's id, or `none` when there is none. */
  readonly operation: string;
  /** The caller's address, without a port. */
  readonly remote: string;
  /** Name of the token; absent when nobody was known. */
  readonly actor?: string | undefined;
  /** What was to be touched, as kind/name. */
  readonly objects: readonly string[];
  /** Of the error catalogue. */
  readonly code: string;
}

/**
 * The audit log: who has changed what, and who was refused what.
 *
 * Writes come here with the change itself, in its transaction (`Change.origin`, `AccessChange.audit`). Refusals change
 * nothing, so that they may wait: those that are alike (operation, caller, address, reason) within five seconds become
 * one entry with a count, fifty kinds are told apart, and the store keeps a bounded number of them apart from the writes.
 * Whoever causes refusals in masses thus fills no disk, and pushes no write out of the log. A process that is killed
 * loses the refusals of the last five seconds.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #waiting = new Map<string, AuditEntry>();
  readonly #stop: (() => void)[];
  #failing = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#stop = [
      every(options.clock, WRITE_EVERY_MS, () => void this.flush()),
      every(options.clock, FORGET_EVERY_MS, () => void this.#forget()),
    ];
  }

  refused(refusal: RefusedRequest): void {
    this.#options.observe?.(refusal);
    const known = this.#waiting.has(keyOf(refusal));
    const told = known || this.#waiting.size < MOST_KINDS ? refusal : mixed(refusal);
    const key = keyOf(told);
    const before = this.#waiting.get(key) ?? this.#entryOf(told);
    this.#waiting.set(key, { ...before, count: before.count + 1 });
  }

  /**
   * Notes what was done beside the configuration and the tokens, durably.
   * @throws HeadgateError HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  async wrote(entry: Omit<AuditEntry, 'at' | 'outcome' | 'count' | 'code'>): Promise<void> {
    const audit = [{ ...entry, at: this.#options.clock.now(), outcome: 'written', count: 1 } as const];
    try {
      await this.#options.store.commit({ audit });
    } catch (error) {
      throw storeRefusal(error);
    }
  }

  /** The newest first, refusals of this moment included. @throws HeadgateError HEADGATE_UNAVAILABLE */
  async read(query: AuditQuery): Promise<readonly StoredAuditEntry[]> {
    await this.flush();
    try {
      return await this.#options.store.readAudit(query);
    } catch (error) {
      throw storeRefusal(error);
    }
  }

  /** Writes the refusals that wait. When the store cannot take them they wait on, in the same bounded number. */
  async flush(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const audit = [...this.#waiting.values()];
    this.#waiting.clear();
    try {
      await this.#options.store.commit({ audit });
      this.#failing = false;
    } catch (error) {
      this.#keepWaiting(audit);
      if (!this.#failing)
        this.#options.logger.warn({ err: error }, 'refused requests could not be noted in the audit log');
      this.#failing = true;
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stop.splice(0)) stop();
    await this.flush();
  }

  /** Before what came meanwhile. */
  #keepWaiting(entries: readonly AuditEntry[]): void {
    const later = [...this.#waiting];
    this.#waiting.clear();
    for (const entry of entries) this.#waiting.set(keyOf({ ...entry, code: entry.code ?? '' }), entry);
    for (const [key, entry] of later) {
      const count = (this.#waiting.get(key)?.count ?? 0) + entry.count;
      if (this.#waiting.has(key) || this.#waiting.size < MOST_KINDS) this.#waiting.set(key, { ...entry, count });
    }
  }

  #entryOf({ operation, remote, actor, objects, code }: RefusedRequest): AuditEntry {
    const at = this.#options.clock.now();
    return { at, operation, remote, actor, objects, changes: 0, code, outcome: 'refused', message: '', count: 0 };
  }

  async #forget(): Promise<void> {
    await this.#options.store
      .pruneAudit()
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'the audit log could not be pruned'));
  }
}

/** Refusals beyond the kinds that are told apart; known callers and unknown ones stay apart. */
function mixed({ actor, code }: RefusedRequest): RefusedRequest {
  const known = actor === undefined ? {} : { actor: SEVERAL };
  return { operation: SEVERAL, remote: SEVERAL, objects: [], code, ...known };
}

function keyOf({ operation, remote, actor = '', objects, code }: RefusedRequest): string {
  return JSON.stringify([operation, remote, actor, objects, code]);
}
