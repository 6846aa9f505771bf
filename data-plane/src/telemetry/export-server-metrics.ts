import { Counter, Gauge, type Registry } from 'prom-client';
import type { HealthTable, ServerHealth } from '../health/health-table.ts';
import { verdict } from '../upstream/server-slots.ts';

/** Servers that have series of their own; the ones that have been probed for longest. */
const MAX_SERVERS = 1_000;

/** Registers what is known of single servers, for so many that a scrape stays small, and how many are left out. */
export function exportServerMetrics(registry: Registry, health: Pick<HealthTable, 'size' | 'values'>): void {
  const registers = [registry];
  new Counter({
    name: 'headgate_server_probes_total',
    help: 'Probes of a server that have ended, by result: success or failure. For at most 1,000 servers',
    labelNames: ['server', 'result'],
    registers,
    collect() {
      this.reset();
      for (const { server, successes, failures } of shown(health)) {
        this.inc({ server: server.key, result: 'success' }, successes);
        this.inc({ server: server.key, result: 'failure' }, failures);
      }
    },
  });
  new Gauge({
    name: 'headgate_server_up',
    help: '1 for a server that may be used by its probes (healthy or not known yet), 0 for one that is unhealthy. For at most 1,000 servers',
    labelNames: ['server'],
    registers,
    collect() {
      this.reset();
      for (const { server, verdict: found } of shown(health))
        this.set({ server: server.key }, found === verdict.unhealthy ? 0 : 1);
    },
  });
  new Gauge({
    name: 'headgate_servers_left_out',
    help: 'Servers that are probed and have no series of their own, because there are too many',
    registers,
    collect() {
      this.set(Math.max(0, health.size - MAX_SERVERS));
    },
  });
}

function* shown(health: Pick<HealthTable, 'values'>): Generator<ServerHealth> {
  let left = MAX_SERVERS;
  for (const each of health.values()) {
    if (left-- === 0) return;
    yield each;
  }
}
