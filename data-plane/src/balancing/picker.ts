import type { Clock } from '@headgate/shared/clock';
import type { Backend } from '@headgate/shared/model/backend';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import type { Availability } from './availability.ts';
import type { Candidate } from './candidate.ts';
import type { PickPosition } from './pick-position.ts';

export type { Candidate } from './candidate.ts';

/** What a choice may depend on. Look-ups are lazy: most algorithms need none. */
export interface PickContext {
  readonly clientAddress: string;
  /** Normalised host of the request. */
  readonly authority: string;
  /** Path without query, byte for byte as sent. */
  readonly path: string;
  /** Value of a request field, by lower-case name. */
  header(name: string): string | undefined;
  cookie(name: string): string | undefined;
  /** The first query parameter of that name, decoded. */
  query(name: string): string | undefined;
  /** Of the backend's session cookie, when exactly one came: it may be anything. */
  readonly sessionValue?: string | undefined;
  /** Servers that this request has tried in vain. */
  readonly tried: readonly ServerSlot[];
}

export type PickResult =
  | { readonly kind: 'server'; readonly server: ServerSlot }
  /**
   * no_servers: the backend has none that are active. no_healthy_server: none may be used. at_limit: of those that may
   * be used and were not tried, all have as many requests as they take. all_tried: the rest was tried.
   */
  | { readonly kind: 'none'; readonly reason: NoChoiceReason };

export type NoChoiceReason = 'no_servers' | 'no_healthy_server' | 'at_limit' | 'all_tried';

/** Chooses the server of one request. Does no I/O and never throws. One for each backend at each version. */
export interface Picker {
  /** Chooses, and moves the order on. The same object for the same server, so that a choice allocates nothing. */
  pick(context: PickContext): PickResult;
  /** What the next `pick` would answer; changes nothing. Of algorithms that draw lots: one of the possible answers. */
  peek(context: PickContext): PickResult;
}

/** What is under way for the whole backend. */
export interface Traffic {
  /** Requests and tunnels that have a server. */
  readonly inFlight: number;
}

/** The settings of a backend that a choice depends on. */
export type PickSettings = Pick<Backend, 'balance' | 'failOpen' | 'slowStartMs' | 'limits'>;

/** What a picker is made of. */
export interface PickerInput {
  /** Those that are active, sorted by key. */
  readonly candidates: readonly Candidate[];
  readonly settings: PickSettings;
  readonly slots: ServerSlots;
  readonly availability: Availability;
  /** Lives as long as the backend, across snapshots: where the order stands. */
  readonly position: PickPosition;
  readonly traffic: Traffic;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** The picker of the version before: what it has built is used again where it can be. */
  readonly before?: Picker | undefined;
}
