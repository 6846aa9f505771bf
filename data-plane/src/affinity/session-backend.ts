import type { Destination } from '@headgate/shared/model/host';
import type { CompiledBackend } from '../routing/serving-table.ts';

type WeightedBackends = NonNullable<Destination['backends']>;

/**
 * Which of several backends a client has a session with: the first one that has made the cookie it brings. Weights are
 * for clients without; only the weight 0 keeps sessions off too. Undefined when there is none.
 */
export function sessionBackend(
  backends: WeightedBackends,
  find: (name: string) => CompiledBackend | undefined,
  rawHeaders: readonly string[],
): CompiledBackend | undefined {
  for (const { name, weight } of backends) {
    const backend = weight === 0 ? undefined : find(name);
    const affinity = backend?.affinity;
    if (affinity?.knows(affinity.read(rawHeaders)) === true) return backend;
  }
  return undefined;
}
