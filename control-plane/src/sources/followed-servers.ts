import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { DocumentReader } from '../intent/document-reader.ts';
import type { MemberChange, Member, MembershipWriter } from '../membership/membership-writer.ts';
import { Coalescer } from './coalescer.ts';
import { readEntries } from './read-entries.ts';
import type { ServerSource, ServerSourceContext, SourceEntry, SourceError } from './source.ts';
import { failedStatus, startingStatus, withStatus, type SourceStatus } from './source-status.ts';

/** What is to be tried again when the store does not take it. */
const RETRY_MS = 1_000;

/** One map, so that nobody before and nobody after are no change. */
const nobody: ReadonlyMap<string, Member> = new Map();

export interface FollowedServersOptions {
  readonly backend: string;
  /** `consul:0` */
  readonly owner: string;
  readonly writer: MembershipWriter;
  readonly documents: Pick<DocumentReader, 'refusalsNow'>;
  readonly secret: ServerSourceContext['secret'];
  readonly create: (context: ServerSourceContext) => ServerSource;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Follows one source of servers for one backend: what it delivers becomes the members of its owner. Bursts are one change.
 * What was delivered last holds while the source cannot be read, and across restarts.
 */
export class FollowedServers {
  readonly #options: FollowedServersOptions;
  readonly #source: ServerSource;
  readonly #changes: Coalescer;
  #wanted: readonly SourceEntry[] | undefined;
  #applied: readonly SourceEntry[] | undefined;
  #status: SourceStatus;
  #cancelRetry: (() => void) | undefined;
  #closed = false;

  constructor(options: FollowedServersOptions) {
    const { clock, logger, secret, backend, owner } = options;
    this.#options = options;
    this.#status = startingStatus(clock.now(), this.#held().size);
    this.#changes = new Coalescer({ clock, run: () => this.#apply() });
    this.#source = options.create({
      clock,
      secret,
      logger: logger.child({ backend, source: owner }),
      sink: { deliver: (wanted) => this.#deliver(wanted), failed: (error) => this.#failed(error) },
    });
  }

  get status(): SourceStatus {
    return this.#status;
  }

  start(): void {
    this.#source.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    await this.#source.close();
    await this.#changes.close();
  }

  /** Takes away all that it has brought. To be called once it is closed. */
  async leave(): Promise<void> {
    const { backend, owner, writer } = this.#options;
    await writer.write(owner, removals(backend, this.#held()));
  }

  #held(): ReadonlyMap<string, Member> {
    const { writer, owner, backend } = this.#options;
    return writer.membersOf(owner).get(backend) ?? nobody;
  }

  #deliver(wanted: readonly SourceEntry[]): void {
    if (this.#closed) return;
    const { clock, logger, backend, owner } = this.#options;
    if (this.#status.state === 'stale') logger.info({ backend, source: owner }, 'a source can be read again');
    const now = clock.now();
    this.#status = withStatus(this.#status, now, { state: 'current', lastSuccess: now, error: '' });
    this.#wanted = wanted;
    this.#changes.request();
  }

  #failed(error: SourceError): void {
    if (this.#closed) return;
    const { clock, logger, backend, owner } = this.#options;
    if (this.#status.state !== 'stale') {
      logger.warn({ err: error, backend, source: owner }, 'a source cannot be read: its last known servers stay');
    }
    this.#status = failedStatus(this.#status, clock.now(), error);
  }

  async #apply(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined || wanted === this.#applied) return;
    const { backend, owner, writer, documents, clock, logger } = this.#options;
    const { members, skipped, faults } = readEntries(wanted, { documents, now: clock.now() });
    try {
      const before = this.#held();
      await writer.write(owner, [...replacements(backend, members), ...removals(backend, without(before, members))]);
      const changed = this.#held() !== before;
      this.#applied = wanted;
      const lastChange = changed ? clock.now() : this.#status.lastChange;
      this.#status = withStatus(this.#status, clock.now(), { entries: members.size, skipped, faults, lastChange });
    } catch (error) {
      logger.error({ err: error, backend, source: owner }, 'what a source brings could not be made durable');
      this.#cancelRetry = clock.after(RETRY_MS, () => this.#changes.request());
    }
  }
}

function replacements(backend: string, members: ReadonlyMap<string, Member>): readonly MemberChange[] {
  return [...members].map(([endpoint, member]) => ({ backend, endpoint, member }));
}

function removals(backend: string, members: ReadonlyMap<string, Member>): readonly MemberChange[] {
  return [...members.keys()].map((endpoint) => ({ backend, endpoint, member: undefined }));
}

function without(
  members: ReadonlyMap<string, Member>,
  others: ReadonlyMap<string, Member>,
): ReadonlyMap<string, Member> {
  return new Map([...members].filter(([endpoint]) => !others.has(endpoint)));
}
