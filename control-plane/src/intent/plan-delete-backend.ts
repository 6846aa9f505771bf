import { HeadgateError } from '@headgate/shared/error';
import type { Fault } from '@headgate/shared/model/fault';
import { backendsOf } from './apply-commit.ts';
import { changesOfBackend } from './changes-of-backend.ts';
import type { IntentState } from './intent-state.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkDelete, type Precondition } from './precondition.ts';

const MOST_FAULTS = 100;

/**
 * Removes a backend with its servers.
 *
 * @throws HeadgateError HEADGATE_STALE, HEADGATE_NOT_FOUND; HEADGATE_IN_USE with a fault for each host that names it
 *   (at most 100).
 */
export function planDeleteBackend(state: IntentState, name: string, precondition: Precondition = {}): PlannedChange {
  const before = state.backends.get(name);
  checkDelete({ title: `backend ${name}`, revision: before?.revision }, precondition);
  if (before !== undefined && before.usedBy > 0) throw inUse(state, name, before.usedBy);
  return { objects: changesOfBackend(before, undefined) };
}

function inUse(state: IntentState, name: string, usedBy: number): HeadgateError {
  const hosts = usedBy === 1 ? '1 host' : `${usedBy.toLocaleString('en-US')} hosts`;
  return new HeadgateError(
    'HEADGATE_IN_USE',
    `The backend ${name} is in use by ${hosts} — point them to another backend first`,
    {
      faults: hostsUsing(state, name).slice(0, MOST_FAULTS).map(faultOf),
    },
  );
}

function hostsUsing(state: IntentState, backend: string): readonly string[] {
  const patterns: string[] = [];
  for (const [pattern, { document }] of state.hosts.entries()) {
    if (backendsOf(document).has(backend)) patterns.push(pattern);
  }
  return patterns.sort();
}

function faultOf(pattern: string): Fault {
  return {
    pointer: '',
    code: 'backend_in_use',
    detail: `is in use by the host ${pattern}`,
    fix: `point the host ${pattern} to another backend, or delete it`,
  };
}
