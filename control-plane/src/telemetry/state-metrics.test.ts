import { startApi } from '../api/api-fixture.cases.ts';
import { createApiMetrics } from './api-metrics.ts';
import { createRegistry } from './registry.ts';
import { registerStateMetrics } from './state-metrics.ts';

describe('the metrics of the control plane', () => {
  it('tell the state at the moment when they are asked for', async () => {
    const api = await startApi();
    const { intent, newest, register } = api.rooms;
    const registry = createRegistry('1.2.3');
    registerStateMetrics(registry, { intent: intent.state, newest, fleet: register.fleet });
    expect(await registry.metrics()).toContain('headgate_revision 0\n');
    await api.send('PUT', '/api/v1/config', {
      body: {
        backends: [{ name: 'a' }, { name: 'b', servers: [{ address: '10.0.0.1', port: 80 }] }],
        hosts: [{ host: '*', backend: 'a' }],
      },
    });
    await api.send('PATCH', '/api/v1/backends/b/servers/10.0.0.1:80', { body: { state: 'draining' } });
    const introduction = { processUuid: 'p', softwareVersion: '1', threads: 1, labels: {}, held: newest.value.id };
    register.joined({ ...introduction, id: 'dp-1' });
    register.joined({ ...introduction, id: 'dp-2' });
    register.left('dp-2');
    const text = await registry.metrics();
    for (const line of [
      'headgate_revision 2',
      'headgate_version 3',
      'headgate_overrides{state="draining"} 1',
      'headgate_overrides{state="disabled"} 0',
      'headgate_backends 2',
      'headgate_hosts 1',
      'headgate_snapshot_objects 4',
      'headgate_data_planes{state="live"} 1',
      'headgate_data_planes{state="lagging"} 0',
      'headgate_data_planes{state="gone"} 1',
      'headgate_build_info{version="1.2.3"} 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    await api.close();
  });

  it('count answers by operation and status, never by path', async () => {
    const registry = createRegistry('1.2.3');
    const observe = createApiMetrics(registry);
    const api = await startApi();
    await api.send('GET', '/api/v1/backends/web');
    await api.send('GET', '/api/v1/secret-path');
    for (const answer of api.answers) observe(answer);
    const text = await registry.metrics();
    expect(text).toContain('headgate_api_requests_total{operation="getBackend",status="404"} 1');
    expect(text).toContain('headgate_api_requests_total{operation="none",status="404"} 1');
    expect(text).toContain('headgate_api_request_duration_seconds_count{operation="getBackend"} 1');
    expect(text).not.toContain('secret-path');
    await api.close();
  });
});
