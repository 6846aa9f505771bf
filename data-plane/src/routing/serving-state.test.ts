import { ManualClock } from '@headgate/shared/manual-clock';
import { contextWith } from '../balancing/picker-stage.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { emptyTable } from './empty-table.ts';
import type { CompileFault, SnapshotChange } from './serving-table.ts';
import { ServingState, type Publication } from './serving-state.ts';
import { backend, delta, full, host, server } from './snapshot-objects.cases.ts';

function setUp() {
  const slots = new ServerSlots();
  const clock = new ManualClock();
  const drains = new DrainTimers({ slots, clock });
  const serving = new ServingState({ slots, drains, clock });
  const apply = async (change: SnapshotChange): Promise<readonly CompileFault[]> => {
    const prepared = await serving.prepare(change);
    if (!prepared.ok) return prepared.faults;
    prepared.commit();
    return [];
  };
  return { slots, clock, drains, serving, apply };
}

const drainMs = 60_000;
const timeouts = { connectMs: 3_000, firstByteMs: 60_000, idleMs: 60_000, tunnelIdleMs: 3_600_000, drainMs };
const small = full(1, backend('web', { timeouts }), server('web', 80), server('web', 81), host('a.test', 'web'));

describe('ServingState', () => {
  it('serves nothing at first', () => {
    expect(setUp().serving.table.value).toBe(emptyTable);
  });

  it('serves a prepared change from its commit on, not before', async () => {
    const { serving } = setUp();
    const prepared = await serving.prepare(small);
    expect(serving.table.value).toBe(emptyTable);
    if (prepared.ok) prepared.commit();
    expect(serving.table.value.id.version).toBe(1);
  });

  it('keeps the last good table when a change is refused', async () => {
    const { serving, apply, slots } = setUp();
    await apply(small);
    const before = serving.table.value;
    expect(await apply(delta(2, { upserts: [server('web', 82), host('b.test', 'nobody')] }))).toHaveLength(1);
    expect(serving.table.value).toBe(before);
    expect(slots.size).toBe(2);
    expect(await apply(delta(3, { upserts: [server('web', 82)] }))).toEqual([]);
    expect(serving.table.value.backends.get('web')!.candidates).toHaveLength(3);
  });

  it('says what was published, after the swap', async () => {
    const { serving, apply } = setUp();
    const heard: Publication[] = [];
    const stop = serving.onPublish((publication) => {
      expect(publication.after).toBe(serving.table.value);
      heard.push(publication);
    });
    await apply(small);
    await apply(delta(2, { removals: ['server/web/10.0.0.1:80'] }));
    expect(heard.map(({ added, removed }) => [added.length, removed.length])).toEqual([
      [2, 0],
      [0, 1],
    ]);
    expect(heard[1]!.before).toBe(heard[0]!.after);
    stop();
    await apply(delta(3, { upserts: [server('web', 80)] }));
    expect(heard).toHaveLength(2);
  });

  it('frees the slots of removed servers at once when they are idle', async () => {
    const { apply, slots, clock } = setUp();
    await apply(small);
    await apply(delta(2, { removals: ['server/web/10.0.0.1:80'] }));
    expect([...slots.values()].map(({ key }) => key)).toEqual(['web/10.0.0.1:81']);
    expect(clock.pending).toBe(0);
  });

  it('lets requests of removed servers end, within the drain time of their backend', async () => {
    const { apply, slots, clock, drains } = setUp();
    await apply(small);
    const [early, late] = [slots.get('web/10.0.0.1:80')!, slots.get('web/10.0.0.1:81')!];
    slots.begin(early);
    slots.begin(late);
    const signal = drains.cutSignal(late);
    await apply(full(2));
    slots.end(early);
    expect(slots.get(early.key)).toBeUndefined();
    clock.advance(drainMs - 1);
    expect(signal.aborted).toBe(false);
    clock.advance(1);
    expect(signal.aborted).toBe(true);
    slots.end(late);
    expect([slots.size, clock.pending, drains.draining]).toEqual([0, 0, 0]);
  });

  it('keeps a server that comes back before it has drained', async () => {
    const { apply, slots, clock, drains } = setUp();
    await apply(small);
    const busy = slots.get('web/10.0.0.1:80')!;
    slots.begin(busy);
    await apply(delta(2, { removals: ['server/web/10.0.0.1:80'] }));
    await apply(delta(3, { upserts: [server('web', 80)] }));
    clock.advance(drainMs);
    expect(drains.cutSignal(busy).aborted).toBe(false);
    expect(slots.get(busy.key)).toBe(busy);
    expect(slots.isRetired(busy)).toBe(false);
  });

  it('lets a server drain on that a dropped change would have brought back', async () => {
    const { serving, apply, slots, clock, drains } = setUp();
    await apply(small);
    const busy = slots.get('web/10.0.0.1:80')!;
    slots.begin(busy);
    const signal = drains.cutSignal(busy);
    await apply(delta(2, { removals: ['server/web/10.0.0.1:80'] }));
    await serving.prepare(delta(3, { upserts: [server('web', 80)] }));
    await serving.drop();
    expect(slots.isRetired(busy)).toBe(true);
    clock.advance(drainMs);
    expect(signal.aborted).toBe(true);
    slots.end(busy);
    expect(slots.get(busy.key)).toBeUndefined();
  });

  it('gives back what a change acquired that was never committed, when the next one comes', async () => {
    const { serving, apply, slots } = setUp();
    await apply(small);
    const dropped = await serving.prepare(delta(2, { upserts: [server('web', 82)] }));
    expect(slots.size).toBe(3);
    await serving.prepare(delta(2, { upserts: [server('web', 83)] }));
    expect([...slots.values()].map(({ port }) => port).sort()).toEqual([80, 81, 83]);
    expect(() => dropped.ok && dropped.commit()).toThrow('dropped');
    await serving.drop();
    expect(slots.size).toBe(2);
  });

  it('refuses to prepare two changes at once, or to commit one twice', async () => {
    const { serving } = setUp();
    const first = serving.prepare(small);
    await expect(serving.prepare(small)).rejects.toThrow('prepared already');
    const prepared = await first;
    if (!prepared.ok) throw new Error('refused');
    prepared.commit();
    expect(() => prepared.commit()).toThrow('committed before');
  });

  describe('with server states', () => {
    const key = 'web/10.0.0.1:80';
    const to = (version: number, state: string, weight = 1) =>
      delta(version, { upserts: [server('web', 80, { state, weight })] });

    it('takes a disabled server out at once, and cuts what is left there when its drain time is over', async () => {
      const { apply, slots, clock, drains } = setUp();
      await apply(small);
      const busy = slots.get(key)!;
      slots.begin(busy);
      const signal = drains.cutSignal(busy);
      await apply(to(2, 'disabled'));
      expect([slots.isRetired(busy), slots.get(key)]).toEqual([true, busy]);
      clock.advance(drainMs - 1);
      expect(signal.aborted).toBe(false);
      clock.advance(1);
      expect(signal.aborted).toBe(true);
      slots.end(busy);
      await apply(to(3, 'active'));
      expect([slots.isRetired(busy), drains.cutSignal(busy).aborted]).toEqual([false, false]);
    });

    it.each(['active', 'draining'])('lets what is under way go on when it is %s again in time', async (state) => {
      const { apply, slots, clock, drains } = setUp();
      await apply(small);
      const busy = slots.get(key)!;
      slots.begin(busy);
      const signal = drains.cutSignal(busy);
      await apply(to(2, 'disabled'));
      await apply(to(3, state));
      clock.advance(drainMs);
      expect([signal.aborted, clock.pending, slots.isRetired(busy)]).toEqual([false, 0, false]);
    });

    it('cuts nothing of a draining server, which sessions may use', async () => {
      const { apply, slots, clock, drains } = setUp();
      await apply(small);
      const busy = slots.get(key)!;
      slots.begin(busy);
      const signal = drains.cutSignal(busy);
      await apply(to(2, 'draining'));
      clock.advance(drainMs * 10);
      expect([signal.aborted, slots.isRetired(busy)]).toEqual([false, false]);
    });

    it('does not begin the drain time anew for other changes, leaving, or coming back disabled', async () => {
      const { apply, slots, clock, drains } = setUp();
      await apply(small);
      const busy = slots.get(key)!;
      slots.begin(busy);
      const signal = drains.cutSignal(busy);
      await apply(to(2, 'disabled'));
      clock.advance(drainMs / 2);
      await apply(to(3, 'disabled', 7));
      await apply(delta(4, { removals: [`server/${key}`] }));
      await apply(to(5, 'disabled'));
      expect(slots.isRetired(busy)).toBe(true);
      clock.advance(drainMs / 2);
      expect(signal.aborted).toBe(true);
    });

    it('knows a server as disabled that is so from the beginning', async () => {
      const { apply, slots } = setUp();
      await apply(full(1, backend('web'), server('web', 80, { state: 'disabled' }), server('web', 81)));
      expect([slots.isRetired(slots.get(key)!), slots.isRetired(slots.get('web/10.0.0.1:81')!)]).toEqual([true, false]);
    });

    it('leaves a server as it was when the change is refused or dropped', async () => {
      const { serving, apply, slots } = setUp();
      await apply(small);
      await apply(delta(2, { upserts: [server('web', 80, { state: 'disabled' }), host('b.test', 'nobody')] }));
      await serving.prepare(to(2, 'disabled'));
      await serving.drop();
      expect(slots.isRetired(slots.get(key)!)).toBe(false);
    });

    it.each(['draining', 'disabled'])('begins a slow start when a %s server is active again', async (state) => {
      const { apply, slots, clock } = setUp();
      await apply(small);
      const { slot } = slots.get(key)!;
      await apply(to(2, state));
      expect(slots.rampStartedMs[slot]).toBe(0);
      clock.advance(1_000);
      await apply(to(3, 'active'));
      expect(slots.rampStartedMs[slot]).toBe(clock.monotonic());
      clock.advance(1_000);
      await apply(to(4, 'active', 2));
      expect(slots.rampStartedMs[slot]).toBe(clock.monotonic() - 1_000);
    });
  });

  it('swaps the table at once and does what follows in slices, before the next change', async () => {
    const slots = new ServerSlots();
    const drains = new DrainTimers({ slots, clock: new ManualClock() });
    const serving = new ServingState({ slots, drains, yieldEveryMs: 0 });
    const servers = Array.from({ length: 1_000 }, (_, index) => server('web', index + 1));
    const commit = async (change: SnapshotChange) => {
      const prepared = await serving.prepare(change);
      if (prepared.ok) prepared.commit();
    };
    await commit(full(1, backend('web'), ...servers));
    await commit(full(2));
    expect(serving.table.value.backends.size).toBe(0);
    expect(slots.size).toBeGreaterThan(900);
    await commit(full(3, backend('web'), ...servers.slice(0, 10)));
    expect(slots.size).toBe(10);
    await serving.settled;
    expect([...slots.values()].every((each) => !slots.isRetired(each))).toBe(true);
  });

  it('waits with the next change for those who follow the last one', async () => {
    const { serving, apply } = setUp();
    let followed = 0;
    let catchUp: () => void = () => undefined;
    serving.onPublish(async () => {
      await new Promise<void>((resolve) => (catchUp = resolve));
      followed++;
    });
    await apply(small);
    const next = apply(full(2)).then(() => followed);
    catchUp();
    expect(await next).toBe(1);
  });

  it('never lets a request of an older table begin at a server that took a slot over', async () => {
    const { serving, apply, slots } = setUp();
    await apply(small);
    const older = serving.table.value.backends.get('web')!;
    await apply(
      delta(2, { removals: ['server/web/10.0.0.1:80', 'server/web/10.0.0.1:81'], upserts: [server('web', 90)] }),
    );
    await apply(delta(3, { upserts: [server('web', 91)] }));
    expect(older.picker.pick(contextWith())).toEqual({ kind: 'none', reason: 'no_healthy_server' });
    expect(slots.size).toBe(2);
  });
});
