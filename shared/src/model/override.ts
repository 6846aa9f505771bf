import { z } from 'zod';
import { serverStates, type ServerState } from './server.ts';

const STATE_MESSAGE = 'is not a state of a server — use active, draining or disabled';

/**
 * What an operator wants of a server, whoever brought it: `active` takes requests; `draining` takes no new ones but those
 * whose session names it; `disabled` takes none, is not probed, and what is under way there is cut after the backend's
 * `timeouts.drain`.
 */
export const serverStateSchema = z.enum(serverStates, { error: STATE_MESSAGE });

/** An operator's word on a server, stored apart from the server: it stays when the server leaves and comes back. */
export interface OverrideDocument {
  /** `active` is the absence of an override. */
  readonly state: Exclude<ServerState, 'active'>;
}

/** The override that means a state; undefined for none. */
export function overrideOf(state: ServerState): OverrideDocument | undefined {
  return state === 'active' ? undefined : { state };
}

/** The state that an override means. */
export function stateBy(override: OverrideDocument | undefined): ServerState {
  return override?.state ?? 'active';
}
