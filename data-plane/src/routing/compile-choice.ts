import { isDeepStrictEqual } from 'node:util';
import { Availability } from '../balancing/availability.ts';
import type { Candidate } from '../balancing/candidate.ts';
import { createPicker } from '../balancing/create-picker.ts';
import type { PickerInput, PickSettings } from '../balancing/picker.ts';
import type { CompiledBackend } from './serving-table.ts';

/** What choices are made with in all backends. */
export type Choosers = Pick<PickerInput, 'slots' | 'clock' | 'random'>;

/** What a backend is compiled of. */
export type BackendParts = Pick<CompiledBackend, 'settings' | 'candidates' | 'position' | 'traffic'>;

/** A picker goes on as it is while nothing changes that it depends on. */
export function compileChoice(
  { slots, clock, random }: Choosers,
  { settings, candidates, position, traffic }: BackendParts,
  before: CompiledBackend | undefined,
): Pick<CompiledBackend, 'picker' | 'availability'> {
  if (before?.candidates === candidates && isDeepStrictEqual(choiceOf(before.settings), choiceOf(settings))) {
    return { picker: before.picker, availability: before.availability };
  }
  const active = activeOf(candidates);
  const { failOpen, limits } = settings;
  const { requestsPerServer } = limits;
  const availability = new Availability({ slots, candidates: active, requestsPerServer, failOpen });
  const common = { settings, slots, availability, position, traffic, clock, random };
  return { availability, picker: createPicker({ ...common, candidates: active, before: before?.picker }) };
}

/** What of a backend's settings a choice depends on. */
function choiceOf({ balance, failOpen, slowStartMs, limits }: PickSettings): readonly unknown[] {
  return [balance, failOpen, slowStartMs, limits.requestsPerServer];
}

function activeOf(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.every(({ state }) => state === 'active')
    ? candidates
    : candidates.filter(({ state }) => state === 'active');
}
