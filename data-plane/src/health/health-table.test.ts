import { ManualClock } from '@headgate/shared/manual-clock';
import { ServerSlots, verdict } from '../upstream/server-slots.ts';
import { HealthTable } from './health-table.ts';

const identity = { key: 'web/10.0.0.1:80', backend: 'web', address: '10.0.0.1', port: 80 };
const success = { outcome: 'success', detail: '' } as const;
const refused = { outcome: 'connect_failed', detail: 'no connection: ECONNREFUSED' } as const;
const late = { outcome: 'timeout', detail: 'no answer within 1 ms' } as const;

function setUp() {
  const slots = new ServerSlots();
  const clock = new ManualClock(1_000_000);
  const table = new HealthTable({ slots, clock });
  const server = slots.acquire(identity);
  const heard: string[] = [];
  const stop = table.onChange((key) => heard.push(`${key} ${table.get(key)?.lastError ?? 'gone'}`));
  return { slots, clock, table, server, heard, stop };
}

describe('HealthTable', () => {
  it('writes verdicts where the pickers read them', () => {
    const { slots, table, server } = setUp();
    table.begin(server);
    expect(slots.verdicts[server.slot]).toBe(verdict.unknown);
    table.record(server, success, verdict.healthy);
    expect(slots.verdicts[server.slot]).toBe(verdict.healthy);
    table.record(server, refused, verdict.unhealthy);
    expect(slots.verdicts[server.slot]).toBe(verdict.unhealthy);
    table.forget(server);
    expect(slots.verdicts[server.slot]).toBe(verdict.unknown);
  });

  it('knows since when a verdict stands, the last error and the counts', () => {
    const { clock, table, server } = setUp();
    table.begin(server);
    clock.advance(10);
    table.record(server, success, verdict.healthy);
    clock.advance(10);
    table.record(server, refused, verdict.healthy);
    clock.advance(10);
    table.record(server, success, verdict.healthy);
    expect(table.find(server.key)).toEqual({
      server,
      verdict: verdict.healthy,
      sinceMs: 1_000_010,
      lastError: refused.detail,
      successes: 2,
      failures: 1,
    });
  });

  it('lets a server that was down start slowly, and no other', () => {
    const { slots, clock, table, server } = setUp();
    clock.advance(10);
    table.begin(server);
    table.record(server, success, verdict.healthy);
    table.record(server, refused, verdict.unhealthy);
    expect(slots.rampStartedMs[server.slot]).toBe(0);
    clock.advance(10);
    table.record(server, success, verdict.healthy);
    expect(slots.rampStartedMs[server.slot]).toBe(20);
    clock.advance(10);
    table.record(server, success, verdict.healthy);
    expect(slots.rampStartedMs[server.slot]).toBe(20);
  });

  it('counts servers that are unhealthy, and changes of verdicts', () => {
    const { table, server } = setUp();
    table.begin(server);
    expect(table.unhealthy).toBe(0);
    table.record(server, refused, verdict.unhealthy);
    table.record(server, late, verdict.unhealthy);
    expect(table.unhealthy).toBe(1);
    table.record(server, success, verdict.healthy);
    table.record(server, refused, verdict.unhealthy);
    expect(table.changes).toEqual({ healthy: 1, unhealthy: 2 });
    table.forget(server);
    expect(table.unhealthy).toBe(0);
  });

  it('begins with a verdict from before', () => {
    const { slots, table, server } = setUp();
    table.begin(server, { verdict: verdict.unhealthy, sinceMs: 5, lastError: 'status 503' });
    expect(slots.verdicts[server.slot]).toBe(verdict.unhealthy);
    expect([...table.all()]).toEqual([
      { server: server.key, verdict: 'unhealthy', sinceMs: 5, lastError: 'status 503' },
    ]);
  });

  it('reports unhealthy servers and no others, and says when that changes', () => {
    const { clock, table, server, heard } = setUp();
    table.begin(server);
    table.record(server, success, verdict.healthy);
    table.record(server, refused, verdict.healthy);
    expect(heard).toEqual([]);
    clock.advance(5);
    table.record(server, refused, verdict.unhealthy);
    table.record(server, refused, verdict.unhealthy);
    table.record(server, late, verdict.unhealthy);
    expect(table.get(server.key)).toEqual({
      server: server.key,
      verdict: 'unhealthy',
      sinceMs: 1_000_005,
      lastError: late.detail,
    });
    table.record(server, success, verdict.unhealthy);
    table.record(server, success, verdict.healthy);
    expect(heard.map((each) => each.slice(server.key.length + 1))).toEqual([refused.detail, late.detail, 'gone']);
    expect([...table.all()]).toEqual([]);
  });

  it('takes a deviation back when a server is probed no longer', () => {
    const { table, server, heard, stop } = setUp();
    table.begin(server);
    table.record(server, refused, verdict.unhealthy);
    table.forget(server);
    expect(table.get(server.key)).toBeUndefined();
    expect(heard).toHaveLength(2);
    expect(table.size).toBe(0);
    stop();
    table.begin(server, { verdict: verdict.unhealthy, sinceMs: 1, lastError: '' });
    expect(heard).toHaveLength(2);
  });

  it('never writes into a slot that another server has taken over', () => {
    const { slots, table, server } = setUp();
    table.begin(server);
    table.record(server, success, verdict.healthy);
    slots.retire(server.key);
    const next = slots.acquire({ ...identity, key: 'web/10.0.0.2:80', address: '10.0.0.2' });
    expect(next.slot).toBe(server.slot);
    table.begin(next);
    table.record(next, refused, verdict.unhealthy);
    table.record(server, success, verdict.healthy);
    table.forget(server);
    expect(slots.verdicts[next.slot]).toBe(verdict.unhealthy);
  });

  it('ignores the result of a server that is not probed', () => {
    const { slots, table, server } = setUp();
    table.record(server, refused, verdict.unhealthy);
    expect(slots.verdicts[server.slot]).toBe(verdict.unknown);
    expect(table.size).toBe(0);
  });

  it('counts its revisions only when a verdict changes or a server comes or goes', () => {
    const { table, server } = setUp();
    const revisions = [
      () => table.begin(server),
      () => table.record(server, success, verdict.healthy),
      () => table.record(server, success, verdict.healthy),
      () => table.record(server, refused, verdict.healthy),
      () => table.record(server, refused, verdict.unhealthy),
      () => table.forget(server),
    ].map((step) => {
      step();
      return table.revision;
    });
    expect(revisions).toEqual([1, 2, 2, 2, 3, 4]);
  });
});
