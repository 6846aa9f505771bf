import { every, type Clock } from '@headgate/shared/clock';
import { HeadgateError } from '@headgate/shared/error';
import type { Logger } from '@headgate/shared/logger';
import { longestTtlMs, type Registration } from '@headgate/shared/model/registration';
import type { ServerDocument } from '@headgate/shared/model/server';
import { notFound } from '../intent/precondition.ts';
import { sameDocument } from '../intent/same-document.ts';
import type { Member, MembershipWriter } from '../membership/membership-writer.ts';
import type { LeaseName } from './lease.ts';
import { LeaseTable, type PauseChange } from './lease-table.ts';
import type { BackendStatus, RegisteredServer, RegistrationResult, RegistrationStatus } from './registered-server.ts';
import type { FindBackend } from './registration-lookup.ts';
import { ServerTurns } from './server-turns.ts';

/** Whose members these are, among those of other sources. */
export const registrationOwner = 'registration';

const SWEEP_EVERY_MS = 1_000;
/** Where the backend that said it is gone, or takes no registrations any more. */
const DEFAULT_TTL_MS = longestTtlMs({ ttlMs: 0 });

export interface RegistrationsOptions {
  readonly writer: MembershipWriter;
  readonly findBackend: FindBackend;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface WantedChange extends LeaseName {
  /** Undefined: it leaves. */
  readonly document: ServerDocument | undefined;
}

/**
 * Servers that register themselves. Who is registered, with what content, is durable: the answer to a registration waits
 * for that (`MembershipWriter`). When heartbeats came is kept in memory alone: it changes nothing that anybody serves, it
 * would be a write for every server every few seconds, and it need not outlive the process, because after a start every
 * lease gets a full time. So a heartbeat that says nothing new costs neither a version nor a write.
 *
 * Of each server one write is under way at a time. Who wants the same joins it; who wants something else, a removal
 * among them, comes after it. However a write ends, there is afterwards a lease exactly where there is a member: a
 * removal that the store refused is tried again when the lease that it left is over.
 */
export class Registrations {
  readonly #options: RegistrationsOptions;
  readonly #table: LeaseTable;
  readonly #turns = new ServerTurns();
  readonly #pauseListeners = new Set<(change: PauseChange) => void>();
  #stopSweeping: (() => void) | undefined;
  #heartbeats = 0;
  #expired = 0;

  constructor(options: RegistrationsOptions) {
    this.#options = options;
    this.#table = new LeaseTable(options.clock.monotonic());
  }

  /** Gives everyone who is registered a full time, and begins to sweep. */
  start(): void {
    for (const [backend, members] of this.#options.writer.membersOf(registrationOwner))
      for (const endpoint of members.keys()) this.#grant({ backend, endpoint });
    this.#stopSweeping = every(this.#options.clock, SWEEP_EVERY_MS, () => this.#sweep());
  }

  /** Resolves when no write is under way. */
  async close(): Promise<void> {
    this.#stopSweeping?.();
    await this.#turns.settled();
  }

  /** Registrations and heartbeats that were accepted so far. */
  get heartbeats(): number {
    return this.#heartbeats;
  }

  /** Servers that have gone because they were not heard of. */
  get expired(): number {
    return this.#expired;
  }

  /** How many servers are registered, by backend. */
  counts(): ReadonlyMap<string, number> {
    return new Map(this.#table.counts());
  }

  /** Backends whose expiry is paused. */
  paused(): readonly string[] {
    return [...this.counts().keys()].filter((backend) => this.#table.pausedUntil(backend) !== undefined);
  }

  /** Calls back when expiry pauses or goes on. Returns how to stop. */
  onPause(listener: (change: PauseChange) => void): () => void {
    this.#pauseListeners.add(listener);
    return () => this.#pauseListeners.delete(listener);
  }

  /**
   * How a backend takes registrations.
   * @throws HeadgateError HEADGATE_NOT_FOUND, HEADGATE_NO_REGISTRATIONS
   */
  settingsOf(backend: string): Registration {
    const { registration } = this.#find(backend);
    if (registration !== undefined) return registration;
    throw new HeadgateError(
      'HEADGATE_NO_REGISTRATIONS',
      `The backend ${backend} does not take registrations — set registration on it: {"registration": {"ttl": "30s"}}`,
    );
  }

  /** Whether a client of this address, canonical, may register itself at a backend without a token. */
  admits(backend: string, address: string): boolean {
    return this.#options.findBackend(backend)?.admits(address) ?? false;
  }

  /**
   * Registers servers of one backend, all or none, or renews their leases. Resolves when what is new about them is durable.
   *
   * @throws HeadgateError HEADGATE_NOT_FOUND, HEADGATE_NO_REGISTRATIONS, HEADGATE_INVALID when there are too many,
   * HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  async register(backend: string, servers: readonly RegisteredServer[]): Promise<readonly RegistrationResult[]> {
    const registration = this.settingsOf(backend);
    // It is alive, whatever becomes of what it wants.
    const known = new Set(servers.filter(({ endpoint }) => this.#table.get({ backend, endpoint }) !== undefined));
    for (const server of known) this.#beat(backend, server, registration);
    const plans = await this.#write(backend, servers);
    for (const server of servers) if (!known.has(server)) this.#beat(backend, server, registration);
    this.#heartbeats += servers.length;
    return plans.map((plan, index) => ({ ...plan, ...this.#timesOf(backend, servers[index]!, registration) }));
  }

  /**
   * Takes a server away. Resolves when that is durable, with whether there was one.
   * @throws HeadgateError HEADGATE_NOT_FOUND for an unknown backend, HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  async remove(name: LeaseName): Promise<{ readonly changed: boolean }> {
    this.#find(name.backend);
    for (let turn = this.#turns.of(name); turn !== undefined; turn = this.#turns.of(name))
      await Promise.allSettled([turn.done]);
    if (this.#member(name) === undefined) return { changed: false };
    await this.#take([{ ...name, document: undefined }]);
    return { changed: true };
  }

  /** @throws HeadgateError HEADGATE_NOT_FOUND for an unknown backend */
  status(backend: string): BackendStatus {
    this.#find(backend);
    const pausedUntil = this.#table.pausedUntil(backend);
    const members = this.#options.writer.membersOf(registrationOwner).get(backend) ?? new Map<string, Member>();
    const servers = [...members.keys()].sort().map((endpoint) => this.#statusOf({ backend, endpoint }, members));
    return { servers, pausedUntil: pausedUntil === undefined ? undefined : this.#wallTime(pausedUntil) };
  }

  #find(backend: string): NonNullable<ReturnType<FindBackend>> {
    const found = this.#options.findBackend(backend);
    if (found === undefined) throw notFound(`backend ${backend}`);
    return found;
  }

  /** Waits for what contradicts, joins what agrees, and writes the rest at once, as one write. */
  async #write(
    backend: string,
    servers: readonly RegisteredServer[],
  ): Promise<readonly Pick<RegistrationResult, 'endpoint' | 'created' | 'changed'>[]> {
    for (let others = this.#contradicting(backend, servers); others.length > 0;) {
      await Promise.allSettled(others);
      others = this.#contradicting(backend, servers);
    }
    // Nothing is awaited from the last look to the turns: what was read still holds when they are taken.
    const registration = this.settingsOf(backend);
    const plans = servers.map(({ endpoint, documentAfter }) => {
      const before = this.#member({ backend, endpoint })?.document;
      const turn = this.#turns.of({ backend, endpoint });
      const document = documentAfter(turn?.document ?? before);
      const changed = before === undefined || !sameDocument(before, document);
      return { endpoint, document, turn, created: before === undefined, changed };
    });
    const fresh = plans.filter(({ changed, turn }) => changed && turn === undefined);
    this.#assertRoom(backend, fresh, registration);
    const own = fresh.length === 0 ? [] : [this.#take(fresh.map((plan) => ({ backend, ...plan })))];
    await Promise.all([...own, ...plans.map(({ turn }) => turn?.done)]);
    return plans.map(({ endpoint, created, changed }) => ({ endpoint, created, changed }));
  }

  /** Writes under way that would leave one of the servers as something else. */
  #contradicting(backend: string, servers: readonly RegisteredServer[]): readonly Promise<void>[] {
    return servers.flatMap(({ endpoint, documentAfter }) => {
      const turn = this.#turns.of({ backend, endpoint });
      const agrees = turn?.document !== undefined && sameDocument(documentAfter(turn.document), turn.document);
      return turn === undefined || agrees ? [] : [turn.done];
    });
  }

  #take(changes: readonly WantedChange[]): Promise<void> {
    const { writer, clock } = this.#options;
    const done = writer.write(
      registrationOwner,
      changes.map(({ backend, endpoint, document }) => {
        const since = this.#member({ backend, endpoint })?.since ?? clock.now();
        return { backend, endpoint, member: document && { document, state: 'active', since } };
      }),
    );
    return this.#turns.take(changes, done, (name) => this.#reconcile(name));
  }

  #assertRoom(
    backend: string,
    fresh: readonly Pick<RegistrationResult, 'endpoint' | 'created'>[],
    { maxServers }: Registration,
  ): void {
    const created = fresh.filter((plan) => plan.created).map(({ endpoint }) => endpoint);
    if (created.length === 0) return;
    const present = this.#options.writer.membersOf(registrationOwner).get(backend);
    const coming = this.#turns.coming(backend).filter((endpoint) => present?.has(endpoint) !== true);
    if ((present?.size ?? 0) + coming.length + created.length <= maxServers) return;
    const detail = `the backend ${backend} takes at most ${maxServers.toLocaleString('en-US')} registered servers`;
    const fix = 'remove those that are gone, or raise registration.maxServers of the backend';
    throw new HeadgateError('HEADGATE_INVALID', `No more servers fit: ${detail} — ${fix}`, {
      faults: [{ pointer: '', code: 'too_many', detail, fix }],
    });
  }

  /** Puts lease and member together again, after a write that may have failed. */
  #reconcile(name: LeaseName): void {
    if (this.#member(name) === undefined) this.#table.remove(name);
    else if (this.#table.get(name) === undefined) this.#grant(name);
  }

  #grant(name: LeaseName): void {
    const registration = this.#options.findBackend(name.backend)?.registration;
    const ttlMs = registration === undefined ? DEFAULT_TTL_MS : longestTtlMs(registration);
    this.#table.grant(name, ttlMs, this.#options.clock.monotonic());
  }

  /** Whoever was removed meanwhile is not brought back by a heartbeat that was answered before. */
  #beat(backend: string, { endpoint, ttlMs }: RegisteredServer, registration: Registration): void {
    const name = { backend, endpoint };
    if (this.#member(name) === undefined) return;
    this.#table.beat(name, ttlMs ?? registration.ttlMs, this.#options.clock.monotonic());
  }

  #timesOf(
    backend: string,
    { endpoint, ttlMs }: RegisteredServer,
    registration: Registration,
  ): Pick<RegistrationResult, 'ttlMs' | 'expiresAt'> {
    const wanted = ttlMs ?? registration.ttlMs;
    const dueAt = this.#table.get({ backend, endpoint })?.dueAt ?? this.#options.clock.monotonic() + wanted;
    return { ttlMs: wanted, expiresAt: this.#wallTime(dueAt) };
  }

  #statusOf(name: LeaseName, members: ReadonlyMap<string, Member>): RegistrationStatus {
    const { document, since } = members.get(name.endpoint)!;
    const now = this.#options.clock.monotonic();
    const { ttlMs, heardAt, dueAt } = this.#table.get(name) ?? { ttlMs: 0, heardAt: undefined, dueAt: now };
    const lastHeartbeat = heardAt === undefined ? undefined : this.#wallTime(heardAt);
    return { document, endpoint: name.endpoint, since, ttlMs, lastHeartbeat, expiresInMs: Math.round(dueAt - now) };
  }

  #member({ backend, endpoint }: LeaseName): Member | undefined {
    return this.#options.writer.membersOf(registrationOwner).get(backend)?.get(endpoint);
  }

  #wallTime(monotonic: number): number {
    const { clock } = this.#options;
    return Math.round(clock.now() + monotonic - clock.monotonic());
  }

  #sweep(): void {
    const { clock, findBackend } = this.#options;
    const takes = (backend: string): boolean => findBackend(backend)?.registration !== undefined;
    const { expired, pauses } = this.#table.sweep(clock.monotonic(), takes);
    for (const change of pauses) this.#tellPause(change);
    // Who is being written is looked at again when that has ended.
    const leaving = expired.filter((name) => this.#turns.of(name) === undefined && this.#member(name) !== undefined);
    if (leaving.length > 0) void this.#expire(leaving);
  }

  async #expire(leaving: readonly LeaseName[]): Promise<void> {
    const { logger } = this.#options;
    const servers = leaving.length;
    const first = leaving.slice(0, 10).map(({ backend, endpoint }) => `${backend}/${endpoint}`);
    try {
      await this.#take(leaving.map(({ backend, endpoint }) => ({ backend, endpoint, document: undefined })));
      this.#expired += servers;
      logger.info({ servers, first }, 'registered servers have not been heard of and are gone');
    } catch (error) {
      logger.warn({ err: error, servers, first }, 'registered servers that are not heard of could not be removed');
    }
  }

  #tellPause(change: PauseChange): void {
    const { logger } = this.#options;
    const { kind, ...what } = change;
    if (kind === 'begins') logger.warn(what, 'most registered servers of a backend are silent: none expires for now');
    else logger.warn(what, 'registered servers of a backend expire again');
    for (const listener of [...this.#pauseListeners]) listener(change);
  }
}
