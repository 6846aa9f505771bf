import { Registry } from 'prom-client';
import { registerRegistrationMetrics } from './registration-metrics.ts';

describe('metrics of registrations', () => {
  it('count them by backend, the paused ones first, and what has happened to them', async () => {
    const registry = new Registry();
    const counts = new Map([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
    const registrations = { counts: () => counts, paused: () => ['c'], heartbeats: 7, expired: 4 };
    registerRegistrationMetrics(registry, { registrations, most: 2 });
    await registry.metrics();
    const text = await registry.metrics();
    expect(text).toContain('headgate_registrations{backend="c"} 3');
    expect(text).toContain('headgate_registrations{backend="a"} 1');
    expect(text).not.toContain('backend="b"');
    expect(text).toContain('headgate_registration_paused_backends 1');
    expect(text).toContain('headgate_registration_heartbeats_total 7');
    expect(text).toContain('headgate_registrations_expired_total 4');
  });
});
