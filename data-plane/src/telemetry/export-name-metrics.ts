import { Counter, Gauge, type Registry } from 'prom-client';
import type { NameResolution } from '../resolution/name-resolution.ts';

/** Registers what is known of looking up the names of servers. */
export function exportNameMetrics(registry: Registry, resolution: Pick<NameResolution, 'counts' | 'load'>): void {
  const registers = [registry];
  new Counter({
    name: 'headgate_name_resolutions_total',
    help: 'Look-ups of names of servers that have ended, by outcome: success, absent, timeout, failed or refused',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(resolution.counts)) this.inc({ outcome }, count);
    },
  });
  new Gauge({
    name: 'headgate_names',
    help: 'Names of servers that are looked up',
    registers,
    collect() {
      this.set(resolution.load.names);
    },
  });
  new Gauge({
    name: 'headgate_unresolved_names',
    help: 'Names of servers of which no address is known',
    registers,
    collect() {
      this.set(resolution.load.unresolved);
    },
  });
}
