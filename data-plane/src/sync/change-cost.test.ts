import { ShardedMap } from '@headgate/shared/sharded-map';
import { systemClock } from '@headgate/shared/clock';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';
import { ServingState } from '../routing/serving-state.ts';
import { backend, host, server } from '../routing/snapshot-objects.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { writeStep } from './disk-copy-format.ts';
import { journalStep } from './journal-step.ts';
import { SnapshotKeeper, type KeptStep } from './snapshot-keeper.ts';
import { silent, VersionedObjects } from './sync-stage.cases.ts';

/** Serves so many backends of three servers, changes one server, and counts what that took. */
async function costAmong(backends: number): Promise<Readonly<Record<string, number>>> {
  const [slots, clock] = [new ServerSlots(), systemClock];
  const serving = new ServingState({ slots, clock, drains: new DrainTimers({ slots, clock }) });
  const keeper = new SnapshotKeeper({ applier: serving, clock, logger: silent });
  const source = new VersionedObjects('e');
  const names = Array.from({ length: backends }, (_, index) => `backend-${index}`);
  const put = names.flatMap((name) => [
    ...[backend(name), host(`${name}.test`, name)],
    ...[1, 2, 3].map((port) => server(name, port)),
  ]);
  source.change({ put });
  expect(await keeper.apply(source.full())).toEqual({ ok: true });
  await serving.settled;
  const steps: KeptStep[] = [];
  keeper.onStep((step) => steps.push(step));
  const before = serving.table.value;
  const update = source.change({ put: [server('backend-7', 2, { weight: 9 })] });
  const counted = countCalls();
  expect(await keeper.apply(update)).toEqual({ ok: true });
  await serving.settled;
  const calls = counted();
  const after = serving.table.value;
  const record = journalStep(steps[0]!, 1_700_000_000_000)!;
  return {
    ...calls,
    compiled: names.filter((name) => before.backends.get(name) !== after.backends.get(name)).length,
    hosts: before.hosts === after.hosts ? 0 : 1,
    changed: steps[0]!.change.upserts.length,
    journalBytes: writeStep(record).length,
  };
}

/** Digests taken, slots acquired, and walks over a whole map. */
function countCalls(): () => Readonly<Record<string, number>> {
  const spies = [
    jest.spyOn(SetDigest.prototype, 'add'),
    jest.spyOn(SetDigest.prototype, 'remove'),
    jest.spyOn(ServerSlots.prototype, 'acquire'),
    jest.spyOn(ShardedMap.prototype, 'entries'),
    jest.spyOn(ShardedMap.prototype, 'values'),
    jest.spyOn(ShardedMap.prototype, 'keys'),
  ];
  return () => {
    const [added, removed, acquired, ...walks] = spies.map((spy) => spy.mock.calls.length);
    for (const spy of spies) spy.mockRestore();
    return { added: added!, removed: removed!, acquired: acquired!, walks: walks.reduce((a, b) => a + b, 0) };
  };
}

describe('the cost of one changed server', () => {
  it('is the same among ten backends and among a thousand', async () => {
    const cost = await costAmong(10);
    const { journalBytes, ...work } = cost;
    expect(work).toEqual({ added: 1, removed: 1, acquired: 0, walks: 0, compiled: 1, hosts: 0, changed: 1 });
    expect(journalBytes).toBeLessThan(400);
    expect(await costAmong(1_000)).toEqual(cost);
  });
});
