import type { Destination } from '../model/host.ts';

/**
 * The backend of one request: the only one, or one of several with the share of its weight. `random01` is evenly spread
 * from 0 to below 1. One with the weight 0 is never chosen.
 */
export function chooseBackend(destination: Destination, random01: number): string {
  if (destination.backend !== undefined) return destination.backend;
  let chosen = '';
  let left = random01 * totalWeight(destination.backends);
  for (const { name, weight } of destination.backends) {
    if (weight === 0) continue;
    chosen = name;
    if (left < weight) break;
    left -= weight;
  }
  return chosen;
}

function totalWeight(backends: NonNullable<Destination['backends']>): number {
  let total = 0;
  for (const { weight } of backends) total += weight;
  return total;
}
