import type { Backend } from '@headgate/shared/model/backend';
import type { HostTable } from '@headgate/shared/routing/host-table';
import type { ShardedMap } from '@headgate/shared/sharded-map';
import type { ObjectKey, SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { Affinity } from '../affinity/affinity.ts';
import type { Availability } from '../balancing/availability.ts';
import type { Candidate } from '../balancing/candidate.ts';
import type { PickPosition } from '../balancing/pick-position.ts';
import type { Picker } from '../balancing/picker.ts';
import type { BackendTraffic } from '../upstream/backend-traffic.ts';
import type { ServerSlot } from '../upstream/server-slots.ts';

/** A backend at one version, ready to choose from. */
export interface CompiledBackend {
  readonly settings: Backend;
  /** Sorted by server key. */
  readonly candidates: readonly Candidate[];
  /** Chooses among the active ones. */
  readonly picker: Picker;
  /** Brings requests back to the servers of their sessions, and lets `picker` choose for others. Absent without session. */
  readonly affinity?: Affinity | undefined;
  /** Whether a request may go to one of them. */
  readonly availability: Availability;
  /** Shared by all versions of the backend. */
  readonly position: PickPosition;
  /** Shared by all versions of the backend. */
  readonly traffic: BackendTraffic;
  /** How many hosts name it in their routes. */
  readonly usedBy: number;
}

/**
 * Everything that requests are served by at one version. A request is routed by one of them. Immutable; versions share
 * what did not change.
 */
export interface ServingTable {
  readonly id: SnapshotId;
  readonly hosts: HostTable;
  readonly backends: ShardedMap<CompiledBackend>;
}

/** From one snapshot to another. */
export interface SnapshotChange {
  readonly id: SnapshotId;
  /** Whether `upserts` are all there is, rather than what differs from the table before. */
  readonly full: boolean;
  readonly upserts: readonly SnapshotObject[];
  readonly removals: readonly ObjectKey[];
}

/** What operators want of a server has changed, or it is new and not active. */
export interface StateChange {
  readonly server: ServerSlot;
  /** A ServerState; undefined when the table before has not got the server. */
  readonly before: string | undefined;
  readonly after: string;
}

/** What differs between two tables. */
export interface TableDifference {
  /** Servers that the table before has not: their slots are acquired. */
  readonly added: readonly ServerSlot[];
  /** Servers that the table after has not: their slots are retired once it is served. */
  readonly removed: readonly ServerSlot[];
  readonly stateChanges: readonly StateChange[];
  /** Names of backends that are new or gone, or whose settings or servers differ. */
  readonly changedBackends: readonly string[];
}

/** Why a snapshot cannot be served. */
export interface CompileFault {
  /** `kind/name` of the object, "" for the snapshot itself. */
  readonly object: string;
  /** JSON pointer inside the object, "" for the object itself. */
  readonly field: string;
  /** snake_case: unknown_backend, invalid_address… */
  readonly code: string;
  readonly reason: string;
}
