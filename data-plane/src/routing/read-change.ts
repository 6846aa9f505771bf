import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '@headgate/shared/model/backend';
import type { Host } from '@headgate/shared/model/host';
import type { Server } from '@headgate/shared/model/server';
import { serverKey, type SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { Candidate } from '../balancing/picker.ts';
import { checkBackend } from './check-backend.ts';
import { checkHost } from './check-host.ts';
import { checkServer } from './check-server.ts';
import { findCandidate } from './find-candidate.ts';
import type { Finding } from './finding.ts';
import type { ServingTable } from './serving-table.ts';
import { serversOf, type SortedChange } from './sorted-change.ts';

/** What a change is made on, and what it has come to so far. */
export interface ChangeSoFar {
  readonly base: ServingTable;
  readonly sorted: SortedChange;
}

/** An object that is to go, beside what the table and the change so far know of it. */
export interface Removal {
  /** What the table has of that name. */
  readonly current: object | undefined;
  /** Whether the change has brought something of that name before. */
  readonly isChanged: boolean;
  /** Takes it into the change. */
  readonly change: () => void;
}

/** An object that is to come. */
export interface Upsert extends Removal {
  readonly kind: string;
  readonly name: string;
  readonly findings: readonly Finding[];
  /** Whether the table has it just like that. */
  readonly isSame: boolean;
}

/** Looks an object up that the change brings, and checks it by itself. */
export function readUpsert(soFar: ChangeSoFar, object: SnapshotObject): Upsert {
  switch (object.kind) {
    case 'backend':
      return readBackend(soFar, object.value);
    case 'server':
      return readServer(soFar, object.value);
    case 'host':
      return readHost(soFar, object.value);
  }
}

function readBackend({ base, sorted }: ChangeSoFar, backend: Backend): Upsert {
  const { name } = backend;
  const current = base.backends.get(name);
  return {
    kind: 'backend',
    name,
    findings: checkBackend(backend),
    current,
    isSame: current !== undefined && isDeepStrictEqual(current.settings, backend),
    isChanged: sorted.backends.has(name),
    change: () => sorted.backends.set(name, backend),
  };
}

function readServer({ base, sorted }: ChangeSoFar, server: Server): Upsert {
  const name = serverKey(server);
  const current = findCandidate(base, server.backend, name);
  return {
    kind: 'server',
    name,
    findings: checkServer(server),
    current,
    isSame: current !== undefined && isSameServer(current, server),
    isChanged: sorted.servers.get(server.backend)?.has(name) === true,
    change: () => serversOf(sorted, server.backend).set(name, server),
  };
}

function readHost({ base, sorted }: ChangeSoFar, host: Host): Upsert {
  const name = host.pattern;
  const current = base.hosts.get(name);
  return {
    kind: 'host',
    name,
    findings: checkHost(host),
    current,
    isSame: current !== undefined && isDeepStrictEqual(current.host, host),
    isChanged: sorted.hosts.has(name),
    change: () => sorted.hosts.set(name, host),
  };
}

function isSameServer(candidate: Candidate, { weight, priority, state, zone, labels }: Server): boolean {
  return (
    candidate.weight === weight &&
    candidate.priority === priority &&
    candidate.state === state &&
    candidate.zone === zone &&
    isDeepStrictEqual(candidate.labels, labels)
  );
}

/** Looks an object up that the change takes out; undefined when there is no such kind of object. */
export function readRemoval({ base, sorted }: ChangeSoFar, kind: string, name: string): Removal | undefined {
  switch (kind) {
    case 'backend': {
      const { backends } = sorted;
      const isChanged = backends.get(name) !== undefined;
      return { current: base.backends.get(name), isChanged, change: () => backends.set(name, undefined) };
    }
    case 'server': {
      const [backend] = split(name);
      const isChanged = sorted.servers.get(backend)?.get(name) !== undefined;
      const change = () => serversOf(sorted, backend).set(name, undefined);
      return { current: findCandidate(base, backend, name), isChanged, change };
    }
    case 'host': {
      const { hosts } = sorted;
      const isChanged = hosts.get(name) !== undefined;
      return { current: base.hosts.get(name), isChanged, change: () => hosts.set(name, undefined) };
    }
    default:
      return undefined;
  }
}

/** Splits at the first slash. */
export function split(text: string): [string, string] {
  const slash = text.indexOf('/');
  return slash === -1 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
}
