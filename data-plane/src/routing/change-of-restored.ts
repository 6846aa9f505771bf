import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { RestoredSnapshot } from './restored-snapshot.ts';
import type { SnapshotChange } from './serving-table.ts';

/** A restored snapshot as a change that is checked like any other. Reads all of it. */
export function changeOfRestored({ id, hosts, backends }: RestoredSnapshot): SnapshotChange {
  const upserts: SnapshotObject[] = [];
  for (const content of backends.values()) {
    const { settings, servers } = content.read();
    upserts.push({ kind: 'backend', value: settings });
    for (const value of servers) upserts.push({ kind: 'server', value });
  }
  for (const value of hosts) upserts.push({ kind: 'host', value });
  return { id, full: true, upserts, removals: [] };
}
