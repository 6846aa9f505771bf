import { Counter, Gauge, type Registry } from 'prom-client';
import type { Ejector } from '../health/ejector.ts';
import type { HealthTable } from '../health/health-table.ts';
import type { Prober } from '../health/prober.ts';
import type { ServingTable } from '../routing/serving-table.ts';
import { exportServerMetrics } from './export-server-metrics.ts';

export interface HealthMetricsSource {
  readonly health: Pick<HealthTable, 'size' | 'unhealthy' | 'changes' | 'values'>;
  readonly prober: Pick<Prober, 'counts' | 'perSecond' | 'load'>;
  readonly ejector: Pick<Ejector, 'size' | 'counts'>;
  readonly table: () => ServingTable;
}

/** Registers what is known about servers' health, read when metrics are asked for. */
export function exportHealthMetrics(registry: Registry, source: HealthMetricsSource): void {
  const { health, prober, ejector, table } = source;
  exportGauges(registry, [
    ['headgate_probed_servers', 'Servers that are probed', () => health.size],
    ['headgate_unhealthy_servers', 'Servers that get no traffic because of their probes', () => health.unhealthy],
    ['headgate_probes_per_second', 'Probes that have begun in the last 10 seconds, as a mean', () => prober.perSecond],
    ['headgate_running_probes', 'Probes in flight', () => prober.load.running],
    ['headgate_waiting_probes', 'Probes that are due and wait for others to end', () => prober.load.waiting],
    ['headgate_ejected_servers', 'Servers that get no traffic because their requests have failed', () => ejector.size],
    ['headgate_hosts', 'Hosts of the snapshot that is served', () => table().hosts.size],
    ['headgate_backends', 'Backends of the snapshot that is served', () => table().backends.size],
  ]);
  exportByLabel(registry, {
    name: 'headgate_probes_total',
    help: 'Probes that have ended, by outcome',
    label: 'outcome',
    read: () => prober.counts,
  });
  exportByLabel(registry, {
    name: 'headgate_health_changes_total',
    help: 'Verdicts about servers that have changed, by what they have become: healthy or unhealthy',
    label: 'to',
    read: () => health.changes,
  });
  exportByLabel(registry, {
    name: 'headgate_ejections_total',
    help: 'Servers that had failed often enough to be ejected, by result: ejected, or withheld because too few were left',
    label: 'result',
    read: () => ({ ejected: ejector.counts.ejections, withheld: ejector.counts.withheld }),
  });
  exportServerMetrics(registry, health);
}

function exportGauges(registry: Registry, gauges: readonly (readonly [string, string, () => number])[]): void {
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
}

interface LabelledCounts {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly read: () => Readonly<Record<string, number>>;
}

function exportByLabel(registry: Registry, { name, help, label, read }: LabelledCounts): void {
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
    },
  });
}
