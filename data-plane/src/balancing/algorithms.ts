import type { Algorithm } from '@headgate/shared/model/balance';
import { createConsistentHash } from './consistent-hash.ts';
import { createLeastConnections } from './least-connections.ts';
import type { CreateOrder } from './order.ts';
import { createPowerOfTwo } from './power-of-two.ts';
import { createRandom } from './random.ts';
import { createRoundRobin } from './round-robin.ts';
import { createWeightedRoundRobin } from './weighted-round-robin.ts';

/** Every algorithm that a backend may name. */
export const algorithms: Readonly<Record<Algorithm, CreateOrder>> = {
  round_robin: createRoundRobin,
  weighted_round_robin: createWeightedRoundRobin,
  least_connections: createLeastConnections,
  power_of_two: createPowerOfTwo,
  random: createRandom,
  consistent_hash: createConsistentHash,
};

/** The algorithm of that name; undefined when there is none, which a snapshot of a newer control plane may bring. */
export function findAlgorithm(name: string): CreateOrder | undefined {
  return Object.hasOwn(algorithms, name) ? algorithms[name as Algorithm] : undefined;
}
