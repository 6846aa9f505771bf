import { backendNamesOf, type Host, type Route } from '@headgate/shared/model/host';
import type { Usage } from './count-usage.ts';
import { quote } from './finding.ts';
import type { CompileFault, CompiledBackend, ServingTable } from './serving-table.ts';
import type { SortedChange } from './sorted-change.ts';
import type { TimeSlice } from './time-slice.ts';

interface References {
  readonly base: ServingTable;
  readonly sorted: SortedChange;
  readonly usage: Usage;
}

/** Every reference between objects that would lead nowhere after the change. Looks only at what changes. */
export async function checkReferences(references: References, slice: TimeSlice): Promise<readonly CompileFault[]> {
  const faults: (readonly CompileFault[])[] = [];
  for (const [pattern, host] of references.sorted.hosts) {
    if (slice.isOver()) await slice.pause();
    if (host !== undefined) faults.push(checkRoutes(references, pattern, host));
  }
  for (const backend of references.sorted.servers.keys()) {
    if (slice.isOver()) await slice.pause();
    if (!willExist(references, backend)) faults.push(checkOrphans(references, backend));
  }
  for (const [name, settings] of references.sorted.backends) {
    if (slice.isOver()) await slice.pause();
    const before = references.base.backends.get(name);
    if (settings === undefined && before !== undefined) faults.push(checkRemoval(references, before));
  }
  return faults.flat();
}

function willExist({ base, sorted }: References, backend: string): boolean {
  return sorted.backends.has(backend) ? sorted.backends.get(backend) !== undefined : base.backends.has(backend);
}

function checkRoutes(references: References, pattern: string, host: Host): readonly CompileFault[] {
  return host.routes.flatMap((route, index) =>
    backendNamesOf(route)
      .map((backend, place) => ({ backend, place }))
      .filter(({ backend }) => !willExist(references, backend))
      .map(({ backend, place }) => unknownBackend(`host/${pattern}`, fieldOf(route, index, place), backend)),
  );
}

function fieldOf(route: Route, index: number, place: number): string {
  return `/routes/${index}/${route.backends === undefined ? 'backend' : `backends/${place}/name`}`;
}

function checkOrphans({ sorted }: References, backend: string): readonly CompileFault[] {
  return [...(sorted.servers.get(backend) ?? [])]
    .filter(([, server]) => server !== undefined)
    .map(([key]) => unknownBackend(`server/${key}`, '/backend', backend));
}

function unknownBackend(object: string, field: string, backend: string): CompileFault {
  const reason = `names the backend ${quote(backend)}, which is not there`;
  return { object: object.slice(0, 400), field, code: 'unknown_backend', reason };
}

function checkRemoval(
  references: References,
  { settings: { name }, usedBy, candidates }: CompiledBackend,
): CompileFault[] {
  const faults: CompileFault[] = [];
  const object = `backend/${name}`;
  const users = usedBy - (references.usage.before.get(name) ?? 0);
  if (users > 0) {
    const reason = `is removed while ${users} unchanged hosts route to it`;
    faults.push({ object, field: '', code: 'backend_in_use', reason });
  }
  const changed = references.sorted.servers.get(name);
  const left = candidates.filter(({ server }) => changed?.has(server.key) !== true);
  if (left.length > 0) {
    const reason = `is removed while ${left.length} of its servers stay, such as ${left[0]!.server.key}`;
    faults.push({ object, field: '', code: 'backend_has_servers', reason });
  }
  return faults;
}
