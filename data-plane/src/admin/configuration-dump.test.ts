import { ManualClock } from '@headgate/shared/manual-clock';
import { backend, full, host, server } from '../routing/snapshot-objects.cases.ts';
import { ServingState } from '../routing/serving-state.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots, verdict } from '../upstream/server-slots.ts';
import { configurationDump } from './configuration-dump.ts';

describe('the dump of the configuration', () => {
  it('is one JSON document, with all that is known of servers', async () => {
    const slots = new ServerSlots();
    const clock = new ManualClock();
    const serving = new ServingState({ slots, drains: new DrainTimers({ slots, clock }), clock });
    const settings = { state: 'disabled', weight: 3, priority: 1, zone: 'a', labels: { rack: '7' } };
    const objects = [backend('web'), backend('idle'), server('web', 80, settings), server('web', 81)];
    const prepared = await serving.prepare(full(7, ...objects, host('a.test', 'web')));
    if (prepared.ok) prepared.commit();
    const known = slots.get('web/10.0.0.1:80')!;
    slots.verdicts[known.slot] = verdict.unhealthy;
    slots.begin(known);

    const dump = JSON.parse([...configurationDump(serving.table.value, slots)].join('')) as {
      backends: readonly { readonly name: string; readonly servers: readonly unknown[] }[];
    };
    expect(dump).toMatchObject({ epoch: 'epoch', version: 7, hosts: [{ pattern: 'a.test' }] });
    expect(dump.backends.map(({ name }) => name).sort()).toEqual(['idle', 'web']);
    const address = { address: '10.0.0.1' };
    const plain = { state: 'active', weight: 1, priority: 0, zone: '', labels: {} };
    expect(dump.backends.find(({ name }) => name === 'web')!.servers).toMatchObject([
      { ...address, port: 80, ...settings, verdict: 'unhealthy', inFlight: 1 },
      { ...address, port: 81, ...plain, verdict: 'unknown', inFlight: 0 },
    ]);
  });
});
