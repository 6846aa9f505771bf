import { ManualClock } from '@headgate/shared/manual-clock';
import { Registry } from 'prom-client';
import { HealthTable } from '../health/health-table.ts';
import { ServerSlots, verdict } from '../upstream/server-slots.ts';
import { exportServerMetrics } from './export-server-metrics.ts';

function setUp(servers: number) {
  const slots = new ServerSlots();
  const health = new HealthTable({ slots, clock: new ManualClock() });
  const made = Array.from({ length: servers }, (_, index) => {
    const port = index + 1;
    const server = slots.acquire({ key: `web/10.0.0.1:${port}`, backend: 'web', address: '10.0.0.1', port });
    health.begin(server);
    return server;
  });
  const registry = new Registry();
  exportServerMetrics(registry, health);
  return { health, made, read: () => registry.metrics() };
}

describe('exportServerMetrics', () => {
  it('says of each server how its probes ended and whether it may be used', async () => {
    const { health, made, read } = setUp(2);
    health.record(made[0]!, { outcome: 'success', detail: '' }, verdict.healthy);
    health.record(made[1]!, { outcome: 'timeout', detail: 'late' }, verdict.unhealthy);
    const text = await read();
    expect(text).toContain('headgate_server_up{server="web/10.0.0.1:1"} 1');
    expect(text).toContain('headgate_server_up{server="web/10.0.0.1:2"} 0');
    expect(text).toContain('headgate_server_probes_total{server="web/10.0.0.1:1",result="success"} 1');
    expect(text).toContain('headgate_server_probes_total{server="web/10.0.0.1:2",result="failure"} 1');
    expect(text).toMatch(/^headgate_servers_left_out 0$/m);
    health.forget(made[0]!);
    expect(await read()).not.toContain('10.0.0.1:1"');
  });

  it('shows 1,000 servers at most, and says how many are left out', async () => {
    const { health, made, read } = setUp(1_250);
    const text = await read();
    expect(text.match(/^headgate_server_up\{/gm)).toHaveLength(1_000);
    expect(text.match(/^headgate_server_probes_total\{/gm)).toHaveLength(2_000);
    expect(text).toMatch(/^headgate_servers_left_out 250$/m);
    health.forget(made[0]!);
    const later = await read();
    expect(later).toContain('headgate_server_up{server="web/10.0.0.1:1001"} 1');
    expect(later).toMatch(/^headgate_servers_left_out 249$/m);
  });
});
