import { HeadgateError } from '@headgate/shared/error';
import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import { parseConfiguration } from '@headgate/shared/model/parse-configuration';
import type { ServerState } from '@headgate/shared/model/server';
import { applyCommit } from './apply-commit.ts';
import type { IntentState } from './intent-state.ts';
import { loadIntent } from './load-intent.ts';
import { planPutConfiguration } from './plan-put-configuration.ts';
import { planPutServer } from './plan-put-server.ts';
import type { PlannedChange } from './planned-change.ts';

/** What operators have written in a new store: nothing. */
export const emptyState: IntentState = loadIntent({ epoch: 'epoch', revision: 0, version: 1, objects: [] });

/** The configuration as the API would take it. */
export function configuration(input: unknown): ConfigurationDocument {
  const parsed = parseConfiguration(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.value;
}

/** The state at revision 1, which made this configuration of nothing. */
export function stateOf(input: unknown): IntentState {
  return applied(emptyState, planPutConfiguration(emptyState, configuration(input)));
}

/** The state after the servers of a backend, by `address:port`, were given other states. */
export function withStates(
  state: IntentState,
  backend: string,
  states: Readonly<Record<string, ServerState>>,
): IntentState {
  return Object.entries(states).reduce((before, [endpoint, wanted]) => {
    const { document } = before.backends.get(backend)!.servers.get(endpoint)!;
    return applied(before, planPutServer(before, { backend, document, state: wanted }));
  }, state);
}

/** The state after a planned change; the same when it changes nothing. */
export function applied(state: IntentState, { objects }: PlannedChange): IntentState {
  if (objects.length === 0) return state;
  const [revision, version] = [state.revision + 1, state.version + 1];
  return applyCommit(state, { revision, version, at: 0, author: 'someone', message: '', objects });
}

/** All of a state in a form that can be compared and read. */
export function contentOf(state: IntentState): unknown {
  const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]): number => (a[0] < b[0] ? -1 : 1);
  const backends = [...state.backends.entries()].map(
    ([name, entry]) =>
      [name, { ...entry, servers: [...entry.servers.entries()], overrides: [...entry.overrides.entries()] }] as const,
  );
  return { ...state, backends: backends.sort(byKey), hosts: [...state.hosts.entries()].sort(byKey) };
}

/** The failure of a plan that must fail. */
export function failureOf(plan: () => unknown): HeadgateError {
  try {
    plan();
  } catch (error) {
    if (error instanceof HeadgateError) return error;
    throw error;
  }
  throw new Error('the plan did not fail');
}
