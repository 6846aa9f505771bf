import { formatEndpoint } from '@headgate/shared/model/address';
import type { SourceEntry } from '../source.ts';

/** One SRV record, its target looked up. */
export interface ServiceTarget {
  readonly target: string;
  readonly port: number;
  /** 0 to 65,535; the lowest is used first. */
  readonly priority: number;
  /** 0 to 65,535; 0 is for a target that is to be chosen hardly ever. */
  readonly weight: number;
  readonly addresses: readonly string[];
}

const MAX_PRIORITY = 15;
const MAX_WEIGHT = 1_000;

/**
 * The servers of a service. Priorities are numbered by their rank; whatever comes after the fifteenth is together with
 * it. Weights of one priority beyond 1,000 are made smaller together, and none is below 1. An address that two records
 * name with one port is taken from the one of the lower priority, then of the higher weight.
 */
export function serviceEntries(targets: readonly ServiceTarget[]): readonly SourceEntry[] {
  const rank = ranksOf(targets);
  const scale = scalesOf(targets);
  const entries = new Map<string, SourceEntry>();
  for (const { target, port, priority, weight, addresses } of [...targets].sort(byUse)) {
    for (const address of addresses) {
      const endpoint = formatEndpoint(address, port);
      if (entries.has(endpoint)) continue;
      entries.set(endpoint, {
        name: `${target} ${endpoint}`,
        server: {
          address,
          port,
          weight: Math.max(1, Math.round(weight * scale.get(priority)!)),
          priority: rank.get(priority)!,
        },
      });
    }
  }
  return [...entries.values()];
}

function ranksOf(targets: readonly ServiceTarget[]): ReadonlyMap<number, number> {
  const priorities = [...new Set(targets.map(({ priority }) => priority))].sort((one, other) => one - other);
  return new Map(priorities.map((priority, index) => [priority, Math.min(index, MAX_PRIORITY)]));
}

/** By priority, since weights are compared within one. */
function scalesOf(targets: readonly ServiceTarget[]): ReadonlyMap<number, number> {
  const heaviest = new Map<number, number>();
  for (const { priority, weight } of targets) {
    heaviest.set(priority, Math.max(weight, heaviest.get(priority) ?? 0));
  }
  return new Map([...heaviest].map(([priority, weight]) => [priority, Math.min(1, MAX_WEIGHT / weight)]));
}

/** In an order that does not depend on that of the answer, which resolvers turn. */
function byUse(one: ServiceTarget, other: ServiceTarget): number {
  return (
    one.priority - other.priority ||
    other.weight - one.weight ||
    one.port - other.port ||
    (one.target < other.target ? -1 : Number(one.target > other.target))
  );
}
