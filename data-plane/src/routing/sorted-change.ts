import type { Backend } from '@headgate/shared/model/backend';
import type { Host } from '@headgate/shared/model/host';
import type { Server } from '@headgate/shared/model/server';

/** What really differs from a table, by kind and name; `undefined` for what goes. */
export interface SortedChange {
  readonly backends: Map<string, Backend | undefined>;
  /** By backend, then by server key. */
  readonly servers: Map<string, Map<string, Server | undefined>>;
  readonly hosts: Map<string, Host | undefined>;
}

/** The changes of one backend's servers, to be added to. */
export function serversOf(sorted: SortedChange, backend: string): Map<string, Server | undefined> {
  const known = sorted.servers.get(backend);
  if (known !== undefined) return known;
  const made = new Map<string, Server | undefined>();
  sorted.servers.set(backend, made);
  return made;
}
