import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApi } from '../api/api-fixture.cases.ts';
import { createBackupMetrics } from '../backup/backup-metrics.ts';
import { createStreamMetrics } from '../stream/stream-metrics.ts';
import { createRefusalMetrics, registerTokenMetrics } from './access-metrics.ts';
import { EventLog } from '../events/event-log.ts';
import { createApiMetrics } from './api-metrics.ts';
import { registerDataPlaneMetrics } from './data-plane-metrics.ts';
import { registerEventMetrics } from './event-metrics.ts';
import { registerFleetHealthMetrics } from './fleet-health-metrics.ts';
import { registerFleetLoadMetrics } from './fleet-load-metrics.ts';
import { measuredStore } from './measured-store.ts';
import { registerRegistrationMetrics } from './registration-metrics.ts';
import { createRegistry } from './registry.ts';
import { registerSourceMetrics } from './source-metrics.ts';
import { registerStateMetrics } from './state-metrics.ts';
import { registerTlsMetrics } from './tls-metrics.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'control-plane-metrics.md');

describe('the page about metrics', () => {
  it('has every metric of ours with its meaning, and no other', async () => {
    const api = await startApi();
    const { intent, newest, register, health, load, clock } = api.rooms;
    const registry = createRegistry('1.2.3');
    registerStateMetrics(registry, { intent: intent.state, newest, fleet: register.fleet });
    registerDataPlaneMetrics(registry, { register, clock });
    registerFleetHealthMetrics(registry, { health, intent: intent.state });
    registerFleetLoadMetrics(registry, load);
    registerEventMetrics(registry, new EventLog({ clock }), api.rooms.listeners);
    createApiMetrics(registry);
    createRefusalMetrics(registry);
    registerTokenMetrics(registry, api.access.tokens);
    measuredStore(api.store, registry, clock);
    createStreamMetrics(registry, { openStreams: () => 0, encodedUpdates: () => 0 });
    createBackupMetrics(registry);
    registerTlsMetrics(registry, new Map());
    registerRegistrationMetrics(registry, { registrations: api.rooms.registrations });
    registerSourceMetrics(registry, api.rooms.sources);
    const metrics = await registry.getMetricsAsJSON();
    await api.close();
    const ours = metrics.filter(({ name }) => name.startsWith('headgate_'));
    const expected = ours.map(({ name, help, type }) => `| \`${name}\` | ${String(type)} | ${help} |`);
    const rows = readFileSync(page, 'utf8').match(/^\| `headgate_.*$/gm) ?? [];
    expect([...rows].sort()).toEqual(expected.sort());
  });
});
