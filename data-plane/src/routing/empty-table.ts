import { HostTable } from '@headgate/shared/routing/host-table';
import { ShardedMap } from '@headgate/shared/sharded-map';
import { noSnapshot } from '@headgate/shared/snapshot/snapshot-id';
import type { CompiledBackend, ServingTable } from './serving-table.ts';

/** What is served before there is any snapshot: nothing. */
export const emptyTable: ServingTable = Object.freeze({
  id: noSnapshot,
  hosts: HostTable.empty(),
  backends: ShardedMap.empty<CompiledBackend>(),
});
