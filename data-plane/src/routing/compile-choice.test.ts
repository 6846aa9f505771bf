import { ManualClock } from '@headgate/shared/manual-clock';
import { resolveLimits } from '@headgate/shared/model/limits';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { contextWith, countNames, nameOf } from '../balancing/picker-stage.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots, verdict } from '../upstream/server-slots.ts';
import { ServingState } from './serving-state.ts';
import type { CompiledBackend } from './serving-table.ts';
import { backend, balanced, delta, full, healthCheck, host, server } from './snapshot-objects.cases.ts';

/** A data plane's table, and requests for the backend web. */
class Serving {
  readonly clock = new ManualClock();
  readonly slots = new ServerSlots();
  readonly #state = new ServingState({
    slots: this.slots,
    drains: new DrainTimers({ slots: this.slots, clock: this.clock }),
    clock: this.clock,
    random: () => 0.5,
  });
  #version = 0;

  async apply(
    upserts: readonly SnapshotObject[],
    removals: readonly `server/${string}`[] = [],
  ): Promise<CompiledBackend> {
    const version = ++this.#version;
    const change = version === 1 ? full(version, ...upserts) : delta(version, { upserts, removals });
    const prepared = await this.#state.prepare(change);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
    await this.#state.settled;
    return this.web;
  }

  get web(): CompiledBackend {
    return this.#state.table.value.backends.get('web')!;
  }

  ports(count: number): Record<string, number> {
    const picks = Array.from({ length: count }, () => {
      const result = this.web.picker.pick(contextWith());
      nameOf(result);
      return result.kind === 'server' ? String(result.server.port) : '';
    });
    return countNames(picks);
  }
}

const three = (settings: Parameters<typeof backend>[1] = {}) => [
  backend('web', settings),
  ...[1, 2, 3].map((port) => server('web', port)),
];

describe('what a backend chooses by', () => {
  it('is only servers that are active', async () => {
    const serving = new Serving();
    await serving.apply([...three(), server('web', 4, { state: 'draining' }), server('web', 5, { state: 'disabled' })]);
    expect(serving.ports(6)).toEqual({ 1: 2, 2: 2, 3: 2 });
    expect(serving.web.candidates).toHaveLength(5);
    await serving.apply([server('web', 1, { state: 'draining' }), server('web', 4)]);
    expect(serving.ports(30)['1']).toBeUndefined();
    expect(serving.ports(30)['4']).toBe(10);
  });

  it('is no_servers when none is active', async () => {
    const serving = new Serving();
    await serving.apply([backend('web'), server('web', 1, { state: 'draining' })]);
    expect(serving.web.picker.pick(contextWith())).toEqual({ kind: 'none', reason: 'no_servers' });
  });

  it('stays as it is while nothing changes that it depends on', async () => {
    const serving = new Serving();
    const before = await serving.apply(three());
    const changes: readonly (readonly SnapshotObject[])[] = [
      [host('a.test', 'web')],
      [backend('web', { via: false })],
      [backend('web', { healthCheck: healthCheck() })],
      [backend('web', { limits: { ...resolveLimits(), requestBodyBytes: 5, queueLength: 7 } })],
      [server('api', 9), backend('api')],
    ];
    for (const change of changes) {
      const after = await serving.apply(change);
      expect(after.picker).toBe(before.picker);
      expect(after.availability).toBe(before.availability);
    }
    expect(serving.web.usedBy).toBe(1);
  });

  it('is made anew when its settings or servers change', async () => {
    const serving = new Serving();
    let { picker } = await serving.apply(three());
    const changes: readonly (readonly SnapshotObject[])[] = [
      [backend('web', { failOpen: true })],
      [backend('web', { slowStartMs: 1_000 })],
      [backend('web', { limits: { ...resolveLimits(), requestsPerServer: 1 } })],
      [backend('web', balanced('consistent_hash'))],
      [server('web', 1, { weight: 2 })],
      [server('web', 1, { priority: 1 })],
      [server('web', 2, { state: 'draining' })],
    ];
    for (const change of changes) {
      const after = await serving.apply(change);
      expect(after.picker).not.toBe(picker);
      picker = after.picker;
    }
  });

  it('follows failOpen and limits', async () => {
    const serving = new Serving();
    await serving.apply(three({ failOpen: true, limits: { ...resolveLimits(), requestsPerServer: 1 } }));
    const servers = serving.web.candidates.map((candidate) => candidate.server);
    for (const { slot } of servers) serving.slots.verdicts[slot] = verdict.unhealthy;
    expect(serving.ports(3)).toEqual({ 1: 1, 2: 1, 3: 1 });
    for (const each of servers) serving.slots.begin(each);
    expect(serving.web.picker.pick(contextWith())).toEqual({ kind: 'none', reason: 'at_limit' });
    await serving.apply([backend('web', { failOpen: false })]);
    expect(serving.web.picker.pick(contextWith())).toEqual({ kind: 'none', reason: 'no_healthy_server' });
  });

  it('starts servers slowly that join others, and not those of a backend that is new', async () => {
    const serving = new Serving();
    serving.clock.advance(5_000);
    await serving.apply(three({ slowStartMs: 10_000 }));
    const startedMs = (port: number) => serving.slots.rampStartedMs[serving.slots.get(`web/10.0.0.1:${port}`)!.slot];
    expect([1, 2, 3].map(startedMs)).toEqual([0, 0, 0]);
    serving.clock.advance(1_000);
    await serving.apply([server('web', 4), server('web', 1, { weight: 3 })]);
    expect([1, 4].map(startedMs)).toEqual([0, 6_000]);
    const share = () => (serving.ports(600)['4'] ?? 0) / 100;
    expect(share()).toBeLessThan(0.4);
    serving.clock.advance(10_000);
    expect(share()).toBe(1);
  });

  it('goes on with the same order through every change', async () => {
    const serving = new Serving();
    await serving.apply(three());
    const ports: string[] = [];
    for (let version = 0; version < 6; version++) {
      await serving.apply([backend('web', { slowStartMs: version })]);
      ports.push(...Object.keys(serving.ports(1)));
    }
    expect(ports).toEqual(['1', '2', '3', '1', '2', '3']);
  });
});
