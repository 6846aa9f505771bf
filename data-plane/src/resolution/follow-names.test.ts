import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { ServingState } from '../routing/serving-state.ts';
import { backend, full, server } from '../routing/snapshot-objects.cases.ts';
import { systemClock } from '@headgate/shared/clock';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { followNames } from './follow-names.ts';

describe('followNames', () => {
  let serving: ServingState;
  let told: string[];
  let stop: () => void;
  let version = 0;
  const follower = {
    expect: (name: string) => void told.push(`+${name}`),
    forget: (name: string) => void told.push(`-${name}`),
  };
  beforeEach(() => {
    const slots = new ServerSlots();
    serving = new ServingState({ slots, drains: new DrainTimers({ slots, clock: systemClock }) });
    told = [];
    stop = followNames(serving, follower);
  });

  async function serve(...objects: readonly SnapshotObject[]): Promise<readonly string[]> {
    const prepared = await serving.prepare(full(++version, backend('web'), backend('api'), ...objects));
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    expect(told).toEqual([]);
    prepared.commit();
    return told.splice(0);
  }
  const named = (owner: string, port: number, address = 'web.test') => server(owner, port, { address });

  it('tells of each name once, however many servers have it, until the last has left', async () => {
    expect(await serve(named('web', 80), named('web', 81), named('api', 80), server('web', 80))).toEqual(['+web.test']);
    expect(await serve(named('web', 81), named('api', 80))).toEqual([]);
    expect(await serve(named('api', 80), named('api', 80, 'api.test'))).toEqual(['+api.test']);
    expect(await serve(named('api', 80, 'api.test'))).toEqual(['-web.test']);
    expect(await serve()).toEqual(['-api.test']);
  });

  it('lets a name go on that one server gives up and another takes over', async () => {
    await serve(named('web', 80));
    expect(await serve(named('web', 81))).toEqual([]);
  });

  it('begins with what is served, and can be stopped', async () => {
    await serve(named('web', 80));
    stop();
    stop = followNames(serving, follower);
    expect(told.splice(0)).toEqual(['+web.test']);
    stop();
    expect(await serve()).toEqual([]);
  });

  it('tells of names of a restored table before its backends are used', async () => {
    const settings = backend('web');
    const restored = named('web', 80);
    if (settings.kind !== 'backend' || restored.kind !== 'server') throw new Error('not what it seems');
    const content = { servers: 1, read: () => ({ settings: settings.value, servers: [restored.value] }) };
    const prepared = await serving.restore({
      ...{ id: { epoch: 'e', version: 1 }, checked: true, hosts: [] },
      backends: new Map([['web', content]]),
    });
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
    expect(told).toEqual([]);
    expect(serving.table.value.backends.get('web')?.candidates).toHaveLength(1);
    expect(told).toEqual(['+web.test']);
  });
});
