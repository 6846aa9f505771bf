import { Counter, Gauge, type Registry } from 'prom-client';
import type { HealthTable } from '../health/health-table.ts';
import type { ProbeCounts } from '../health/probe-rounds.ts';
import type { ServingTable } from '../routing/serving-table.ts';

export interface HealthMetricsSource {
  readonly health: HealthTable;
  readonly counts: () => ProbeCounts;
  readonly table: () => ServingTable;
}

/** Registers what is known about servers' health, read when metrics are asked for. No server is a label. */
export function exportHealthMetrics(registry: Registry, source: HealthMetricsSource): void {
  const registers = [registry];
  new Counter({
    name: 'headgate_probes_total',
    help: 'Probes that have ended, by outcome',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(source.counts())) this.inc({ outcome }, count);
    },
  });
  gauge(registry, 'headgate_probed_servers', 'Servers that are probed', () => source.health.size);
  gauge(registry, 'headgate_unhealthy_servers', 'Servers that get no traffic because of their probes', () =>
    count(source.health.all()),
  );
  gauge(registry, 'headgate_hosts', 'Hosts of the snapshot that is served', () => source.table().hosts.size);
  gauge(registry, 'headgate_backends', 'Backends of the snapshot that is served', () => source.table().backends.size);
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function count(items: Iterable<unknown>): number {
  let number = 0;
  for (const _ of items) number++;
  return number;
}
