import type { Algorithm } from '@headgate/shared/model/backend';
import type { CreatePicker } from './picker.ts';
import { createRoundRobin } from './round-robin.ts';
import { createWeightedRoundRobin } from './weighted-round-robin.ts';

/** Every algorithm that a backend may name. */
export const algorithms: Readonly<Record<Algorithm, CreatePicker>> = {
  round_robin: createRoundRobin,
  weighted_round_robin: createWeightedRoundRobin,
};

/** The algorithm of that name; undefined when there is none, which a snapshot of a newer control plane may bring. */
export function findAlgorithm(name: string): CreatePicker | undefined {
  return Object.hasOwn(algorithms, name) ? algorithms[name as Algorithm] : undefined;
}
