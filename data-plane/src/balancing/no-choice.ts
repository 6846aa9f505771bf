import { isAvailable } from './is-available.ts';
import type { PickerInput, PickResult } from './picker.ts';

type NoChoice = Extract<PickResult, { kind: 'none' }>;

const noServers: NoChoice = Object.freeze({ kind: 'none', reason: 'no_servers' });
const noHealthyServer: NoChoice = Object.freeze({ kind: 'none', reason: 'no_healthy_server' });
const allTried: NoChoice = Object.freeze({ kind: 'none', reason: 'all_tried' });

/** Why an algorithm has found nobody. The same for every algorithm, and asked only then. */
export function noChoice({ candidates, slots }: PickerInput): NoChoice {
  if (candidates.length === 0) return noServers;
  return candidates.some(({ server }) => isAvailable(slots, server, [])) ? allTried : noHealthyServer;
}
