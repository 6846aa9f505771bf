import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';

/** A server of one backend at one version. */
export interface Candidate {
  readonly server: ServerSlot;
  readonly weight: number;
}

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
  /** Servers that this request has tried in vain. */
  readonly tried: readonly ServerSlot[];
}

export type PickResult =
  | { readonly kind: 'server'; readonly server: ServerSlot }
  /** no_servers: the backend has none. no_healthy_server: none may be used. all_tried: the rest was tried. */
  | { readonly kind: 'none'; readonly reason: 'no_servers' | 'no_healthy_server' | 'all_tried' };

/** Chooses the server of one request. Does no I/O and never throws. One for each backend at each version. */
export interface Picker {
  pick(context: PickContext): PickResult;
}

/** What an algorithm is made of. Servers are sorted by key. */
export interface PickerInput {
  readonly candidates: readonly Candidate[];
  readonly slots: ServerSlots;
  /** Lives as long as the backend, across snapshots: where the order stands. */
  readonly position: PickPosition;
}

/** Changed by pickers alone. */
export interface PickPosition {
  /** Key of the server picked last, "" at first. */
  lastKey: string;
  /**
   * Sum of weights that the servers' smooth weights are measured in; undefined while they mean nothing, because no
   * order by weight is under way.
   */
  smoothTotal?: number | undefined;
}

export type CreatePicker = (input: PickerInput) => Picker;
