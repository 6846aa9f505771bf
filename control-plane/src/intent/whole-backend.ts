import type { BackendEntry, IntentState } from './intent-state.ts';

/**
 * A backend with all that others than operators hold of it now, given what operators want; undefined where there is none.
 * Changes nothing.
 */
export type WholeBackend = (name: string, intent: IntentState) => BackendEntry | undefined;

/** Where nobody but operators brings anything. */
export const operatorsAlone: WholeBackend = (name, { backends }) => backends.get(name);
