import type { HostDocument } from '@headgate/shared/model/host';
import type { ObjectChange } from '../store/store.ts';
import { backendsOf } from './apply-commit.ts';
import type { WarningSubjects } from './configuration-warnings.ts';
import { splitServerName } from './server-name.ts';

/** The objects whose warnings a change may bring or take away, by name: those that it changes, and backends that changed hosts name. */
export function touchedSubjects(objects: readonly ObjectChange[]): WarningSubjects {
  const [backends, hosts, overrides] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { kind, name, before, after } of objects) {
    if (kind === 'backend') backends.add(name);
    if (kind === 'server' || kind === 'override') {
      backends.add(splitServerName(name).backend);
      overrides.add(name);
    }
    if (kind !== 'host') continue;
    hosts.add(name);
    for (const backend of backendsOf(before as HostDocument | undefined)) backends.add(backend);
    for (const backend of backendsOf(after as HostDocument | undefined)) backends.add(backend);
  }
  return { backends: [...backends].sort(), hosts: [...hosts].sort(), overrides: [...overrides].sort() };
}
