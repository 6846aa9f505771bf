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
import { exportNameMetrics } from './export-name-metrics.ts';
import { exportProxyMetrics } from './export-proxy-metrics.ts';
import { exportThreadMetrics } from './export-thread-metrics.ts';
import { exportTlsMetrics } from './export-tls-metrics.ts';
import { createRegistry } from './registry.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'data-plane-metrics.md');

function allMetrics() {
  const registry = createRegistry();
  const clock = new ManualClock();
  const health = new HealthTable({ slots: new ServerSlots(), clock });
  exportProxyMetrics(registry, new ProxyMetrics());
  exportHealthMetrics(registry, {
    health,
    prober: { counts: { success: 3 } as ProbeCounts, perSecond: 1, load: { running: 0, waiting: 0 } },
    ejector: { size: 0, counts: { ejections: 0, withheld: 0 } },
    table: () => emptyTable,
  });
  createSyncMetrics(registry, { status: new LatestValue(statusAtStart(clock.now())), clock });
  createDiskCopyMetrics(registry);
  exportTlsMetrics(registry, undefined);
  exportNameMetrics(registry, {
    counts: { success: 0, absent: 0, timeout: 0, failed: 0, refused: 0 },
    load: { names: 0, unresolved: 0 },
  });
  exportThreadMetrics(registry, { listening: () => 1, replaced: () => 0 });
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
    metrics.retryRefused('budget');
    Object.assign(metrics.queueOf('web'), { waiting: 2, entered: 5, waitedMs: 1_500, full: 3, timedOut: 1 });
    const text = await registry.metrics();
    expect(text).toContain('headgate_requests_total{backend="web",status_class="2xx"} 1');
    expect(text).toContain('headgate_sent_bytes_total{backend="web"} 2');
    expect(text).toContain('headgate_own_answers_total{reason="unknown_host"} 1');
    expect(text).toMatch(/^headgate_in_flight_requests 7$/m);
    expect(text).toContain('headgate_retries_refused_total{reason="budget"} 1');
    expect(text).toContain('headgate_queued_requests{backend="web"} 2');
    expect(text).toContain('headgate_queue_entries_total{backend="web"} 5');
    expect(text).toContain('headgate_queue_wait_seconds_total{backend="web"} 1.5');
    expect(text).toContain('headgate_queue_rejections_total{backend="web",reason="full"} 3');
    expect(text).toContain('headgate_queue_rejections_total{backend="web",reason="timeout"} 1');
    metrics.forgetBackend('web');
    expect(await registry.metrics()).not.toContain('backend="web"');
  });
});
