import type { Session } from '@headgate/shared/model/session';
import type { Availability } from '../balancing/availability.ts';
import type { Candidate } from '../balancing/candidate.ts';
import type { PickContext, Picker, PickResult } from '../balancing/picker.ts';
import type { ServerSlot } from '../upstream/server-slots.ts';
import { onlyCookie } from './only-cookie.ts';
import { sessionCookieFormat, type FormatSessionCookie } from './session-cookie.ts';
import type { MoveReason, SessionDecision, SessionOutcome } from './session-decision.ts';
import type { SessionValues } from './session-values.ts';

/** A server of the backend, and what is answered when a cookie chooses it. */
export interface Member {
  readonly candidate: Candidate;
  readonly result: PickResult;
}

export interface AffinityInput {
  readonly backend: string;
  readonly session: Session;
  /** Every server of the backend, whatever its state. */
  readonly members: ReadonlyMap<ServerSlot, Member>;
  /** Chooses for requests without a cookie that counts. */
  readonly picker: Picker;
  readonly availability: Availability;
  readonly values: SessionValues;
}

/**
 * The session of one backend at one version, around its picker (article 000).
 *
 * 1. A cookie that a key that holds has made for a server of this backend brings the request to that server, when it is
 *    active or draining, usable by its health, below its limit, and was not tried by this request.
 * 2. Else the picker chooses as if there were no cookie. Nothing else follows from a cookie, whatever it says.
 * 3. The answer sets a cookie when the server is another than the cookie's, when the cookie was made by a key that
 *    retires, or when cookies have an age.
 */
export class Affinity implements Picker {
  readonly session: Session;
  readonly members: ReadonlyMap<ServerSlot, Member>;
  /** Balances. */
  readonly picker: Picker;
  readonly #backend: string;
  readonly #availability: Availability;
  readonly #values: SessionValues;
  readonly #format: FormatSessionCookie;

  constructor({ backend, session, members, picker, availability, values }: AffinityInput) {
    this.session = session;
    this.members = members;
    this.picker = picker;
    this.#backend = backend;
    this.#availability = availability;
    this.#values = values;
    this.#format = sessionCookieFormat(session);
  }

  pick(context: PickContext): PickResult {
    return this.#kept(context) ?? this.picker.pick(context);
  }

  peek(context: PickContext): PickResult {
    return this.#kept(context) ?? this.picker.peek(context);
  }

  /** The value of this session's cookie; undefined without one, or with several. It may be anything. */
  read(rawHeaders: readonly string[]): string | undefined {
    return onlyCookie(rawHeaders, this.session.cookie);
  }

  /** Whether a value was made for a server that this backend has. */
  knows(value: string | undefined): boolean {
    return this.#memberOf(value) !== undefined;
  }

  /**
   * Set-Cookie for an answer of a server to a request that came with `sent`; undefined when none is needed, and as long
   * as there is no key.
   */
  cookieFor(server: ServerSlot, sent: string | undefined, overTls: boolean): string | undefined {
    const value = this.#values.valueFor(server);
    if (value === undefined || (value === sent && this.session.maxAgeSeconds === 0)) return undefined;
    return this.#format(value, overTls);
  }

  /** What has become of the session of a request that came with `sent` and was answered by a server. */
  outcome(server: ServerSlot, sent: string | undefined): SessionOutcome {
    const named = this.#serverOf(sent);
    if (named === undefined) return 'new';
    return named === server ? 'kept' : 'moved';
  }

  /** What would become of the session of a request, by the same rules. Changes nothing. */
  explain({ sessionValue, tried }: PickContext): SessionDecision {
    const server = this.#serverOf(sessionValue);
    if (server === undefined) return { kind: 'new' };
    const member = this.members.get(server);
    const reason = member === undefined ? 'gone' : this.#reasonAgainst(member, tried);
    return reason === undefined ? { kind: 'kept', server: server.key } : { kind: 'moved', server: server.key, reason };
  }

  #kept({ sessionValue, tried }: PickContext): PickResult | undefined {
    const member = this.#memberOf(sessionValue);
    if (member === undefined || member.candidate.state === 'disabled') return undefined;
    return this.#availability.isAvailable(member.candidate.server, tried) ? member.result : undefined;
  }

  #reasonAgainst({ candidate }: Member, tried: readonly ServerSlot[]): MoveReason | undefined {
    if (candidate.state === 'disabled') return 'disabled';
    if (this.#availability.isAvailable(candidate.server, tried)) return undefined;
    return this.#availability.reasonAgainst(candidate.server, tried);
  }

  #memberOf(value: string | undefined): Member | undefined {
    const server = this.#serverOf(value);
    return server === undefined ? undefined : this.members.get(server);
  }

  /** The server of this backend that a value was made for, also while it only ends its last requests. */
  #serverOf(value: string | undefined): ServerSlot | undefined {
    const server = value === undefined ? undefined : this.#values.serverOf(value);
    return server?.backend === this.#backend ? server : undefined;
  }
}
