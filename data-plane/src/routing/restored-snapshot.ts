import type { Backend } from '@headgate/shared/model/backend';
import type { Host } from '@headgate/shared/model/host';
import type { Server } from '@headgate/shared/model/server';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';

/** A backend with its servers, which are read when they are asked for. */
export interface RestoredContent {
  /** How many servers it has. */
  readonly servers: number;
  read(): { readonly settings: Backend; readonly servers: readonly Server[] };
}

/** A whole snapshot of the time before a restart. */
export interface RestoredSnapshot {
  readonly id: SnapshotId;
  readonly hosts: Iterable<Host>;
  /** By name. */
  readonly backends: ReadonlyMap<string, RestoredContent>;
  /** Whether this very release has served it: then it was found to be sound, and is not looked through again. */
  readonly checked: boolean;
}
