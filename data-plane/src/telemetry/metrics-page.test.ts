import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LatestValue } from '@headgate/shared/latest-value';
import { ManualClock } from '@headgate/shared/manual-clock';
import { HealthTable } from '../health/health-table.ts';
import type { ProbeCounts } from '../health/probe-rounds.ts';
import { ProxyMetrics } from '../proxy/proxy-metrics.ts';
import { emptyTable } from '../routing/empty-table.ts';
import { createDiskCopyMetrics } from '../sync/disk-copy-metrics.ts';
import { createSyncMetrics } from '../sync/sync-metrics.ts';
import { statusAtStart } from '../sync/sync-status.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { exportHealthMetrics } from './export-health-metrics.ts';
import { exportProxyMetrics } from './export-proxy-metrics.ts';
import { exportTlsMetrics } from './export-tls-metrics.ts';
import { createRegistry } from './registry.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'data-plane-metrics.md');

function allMetrics() {
  const registry = createRegistry();
  const clock = new ManualClock();
  const health = new HealthTable({ slots: new ServerSlots(), clock });
  exportProxyMetrics(registry, new ProxyMetrics());
  exportHealthMetrics(registry, { health, counts: () => ({ success: 3 }) as ProbeCounts, table: () => emptyTable });
  createSyncMetrics(registry, { status: new LatestValue(statusAtStart(clock.now())), clock });
  createDiskCopyMetrics(registry);
  exportTlsMetrics(registry, undefined);
  return registry;
}

describe('the metrics of the data plane', () => {
  it('are on their page, every one with its meaning, and no other', async () => {
    const ours = (await allMetrics().getMetricsAsJSON()).filter(({ name }) => name.startsWith('headgate_'));
    const expected = ours.map(({ name, help, type }) => `| \`${name}\` | ${String(type)} | ${help} |`);
    const rows = readFileSync(page, 'utf8').match(/^\| `headgate_.*$/gm) ?? [];
    expect([...rows].sort()).toEqual(expected.sort());
  });

  it('are read when they are asked for', async () => {
    const registry = createRegistry();
    const metrics = new ProxyMetrics();
    exportProxyMetrics(registry, metrics);
    metrics.requestEnded('web', 204, { received: 1, sent: 2 });
    metrics.ownAnswer('unknown_host');
    metrics.inFlight = 7;
    const text = await registry.metrics();
    expect(text).toContain('headgate_requests_total{backend="web",status_class="2xx"} 1');
    expect(text).toContain('headgate_sent_bytes_total{backend="web"} 2');
    expect(text).toContain('headgate_own_answers_total{reason="unknown_host"} 1');
    expect(text).toMatch(/^headgate_in_flight_requests 7$/m);
    metrics.forgetBackend('web');
    expect(await registry.metrics()).not.toContain('backend="web"');
  });
});
