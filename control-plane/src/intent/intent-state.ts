import type { BackendSettingsDocument } from '@headgate/shared/model/backend';
import type { HostDocument } from '@headgate/shared/model/host';
import type { OverrideDocument } from '@headgate/shared/model/override';
import type { ServerDocument, ServerState } from '@headgate/shared/model/server';
import type { ServerSource } from '@headgate/shared/model/server-resource';
import type { ShardedMap } from '@headgate/shared/sharded-map';

/** A document with the revision that wrote it last: its ETag. */
export interface Revised<T> {
  readonly document: T;
  readonly revision: number;
}

/** A server, and of one that others than operators brought, what they say of it. */
export interface ServerEntry extends Revised<ServerDocument> {
  /** Who brought it, the owner of the document first. Absent: the owner of its backend. */
  readonly sources?: readonly ServerSource[];
  /** The most restrictive state that those who brought it want. Absent: active. */
  readonly state?: ServerState;
}

/**
 * A backend with its servers. Its revision grows with each of its servers' changes too, and a server's with its
 * override's.
 */
export interface BackendEntry extends Revised<BackendSettingsDocument> {
  /** By `address:port`, in that order. */
  readonly servers: ReadonlyMap<string, ServerEntry>;
  /** What operators want of servers, by `address:port` in that order, whether the server is there or not. */
  readonly overrides: ReadonlyMap<string, Revised<OverrideDocument>>;
  /** How many hosts name this backend in their routes. */
  readonly usedBy: number;
  /** The document layer that it belongs to. Absent: operators' own. */
  readonly layer?: string;
}

/** All that operators want at one revision. Immutable; a change shares what it does not touch. */
export interface IntentState {
  readonly epoch: string;
  readonly revision: number;
  readonly version: number;
  readonly backends: ShardedMap<BackendEntry>;
  /** By normalised pattern. */
  readonly hosts: ShardedMap<Revised<HostDocument>>;
  /** Overrides, by backend and `address:port`, of servers whose backend operators have not written: a layer's, or none. */
  readonly looseOverrides: ReadonlyMap<string, ReadonlyMap<string, Revised<OverrideDocument>>>;
}
