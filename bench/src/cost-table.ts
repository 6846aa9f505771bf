import type { Cost } from './load/processor-time.ts';
import { median, medianOfRatios } from './median.ts';
import { residentKiB } from './machine/process-cost.ts';
import { figure } from './report/figure.ts';
import type { Table } from './report/section.ts';

export type Costs = ReadonlyMap<string, readonly Cost[]>;

/** The median of one figure of a contender. */
export function medianOf(costs: Costs, name: string, pick: (cost: Cost) => number = micros): number {
  return median((costs.get(name) ?? []).map(pick));
}

/** What one costs over what the other costs in the same round, the median of the rounds; undefined when one is missing. */
export function ratioOf(costs: Costs, name: string, over: string): number | undefined {
  const [of, base] = [costs.get(name), costs.get(over)];
  if (of === undefined || base === undefined) return undefined;
  return medianOfRatios(of.map(micros), base.map(micros));
}

/** A row for each contender: processor time, its ratio to the first one's, throughput, latency, memory, faults. */
export function costTable(
  proxies: readonly { readonly name: string; readonly pid: number }[],
  costs: Costs,
  { first, unit }: { readonly first: string; readonly unit: string },
): Table {
  const rows = proxies.map(({ name, pid }) => {
    const cell = (pick: (cost: Cost) => number): string => figure(medianOf(costs, name, pick));
    const faults = (costs.get(name) ?? []).reduce((sum, { refused, cut }) => sum + refused + cut, 0);
    const times = `${cell(({ p50Ms }) => p50Ms)} / ${cell(({ p99Ms }) => p99Ms)} ms`;
    const mib = `${figure(residentKiB(pid) / 1_024)} MiB`;
    return [name, cell(micros), figure(ratioOf(costs, first, name)), cell(perSecond), times, mib, String(faults)];
  });
  const ratio = `${first} ÷ this`;
  return { head: ['', `µs of processor time ${unit}`, ratio, 'per second', 'p50 / p99', 'resident', 'faults'], rows };
}

function micros({ microsPerRequest }: Cost): number {
  return microsPerRequest;
}

function perSecond(cost: Cost): number {
  return cost.perSecond;
}
