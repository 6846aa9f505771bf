import type { BackendEntry, IntentState } from '../intent/intent-state.ts';
import { serverState } from '../intent/server-state.ts';

/** Whether anything finds out how the servers of a backend do. */
export function hasChecks({ document }: Pick<BackendEntry, 'document'>): boolean {
  return document.healthCheck !== undefined || document.ejection !== undefined;
}

/** Whether anything finds out how a server does: disabled ones are not probed and get no requests that could fail. */
export function isChecked({ backends }: Pick<IntentState, 'backends'>, backend: string, endpoint: string): boolean {
  const entry = backends.get(backend);
  return (
    entry !== undefined &&
    hasChecks(entry) &&
    entry.servers.has(endpoint) &&
    serverState(entry, endpoint) !== 'disabled'
  );
}

/** Servers of a backend that nothing finds out about although the others are checked. Costs as much as it has overrides. */
export function* disabledServers(entry: BackendEntry): Generator<string> {
  for (const endpoint of entry.overrides.keys()) {
    if (entry.servers.has(endpoint) && serverState(entry, endpoint) === 'disabled') yield endpoint;
  }
}
