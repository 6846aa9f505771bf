import type { BackendSettingsDocument } from '@headgate/shared/model/backend';
import type { HostDocument } from '@headgate/shared/model/host';
import type { OverrideDocument } from '@headgate/shared/model/override';
import type { ServerDocument } from '@headgate/shared/model/server';
import type { ShardedMap } from '@headgate/shared/sharded-map';

/** A document with the revision that wrote it last: its ETag. */
export interface Revised<T> {
  readonly document: T;
  readonly revision: number;
}

/**
 * A backend with its servers. Its revision grows with each of its servers' changes too, and a server's with its
 * override's.
 */
export interface BackendEntry extends Revised<BackendSettingsDocument> {
  /** By `address:port`, in that order. */
  readonly servers: ReadonlyMap<string, Revised<ServerDocument>>;
  /** What operators want of servers, by `address:port` in that order, whether the server is there or not. */
  readonly overrides: ReadonlyMap<string, Revised<OverrideDocument>>;
  /** How many hosts name this backend in their routes. */
  readonly usedBy: number;
}

/** All that operators want at one revision. Immutable; a change shares what it does not touch. */
export interface IntentState {
  readonly epoch: string;
  readonly revision: number;
  readonly version: number;
  readonly backends: ShardedMap<BackendEntry>;
  /** By normalised pattern. */
  readonly hosts: ShardedMap<Revised<HostDocument>>;
}
