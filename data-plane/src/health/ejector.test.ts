import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import type { Backend } from '@headgate/shared/model/backend';
import { resolveEjection, type EjectionDocument } from '@headgate/shared/model/ejection';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { ServingState } from '../routing/serving-state.ts';
import { backend, full, server } from '../routing/snapshot-objects.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots, verdict, type ServerSlot } from '../upstream/server-slots.ts';
import { Ejector } from './ejector.ts';

/** A backend `web` on a clock that stands still. Servers are named by their ports. */
class Plane {
  readonly clock = new ManualClock();
  readonly slots = new ServerSlots();
  readonly serving = new ServingState({ slots: this.slots, drains: new DrainTimers(this), clock: this.clock });
  readonly ejector = new Ejector({ ...this, logger: createLogger('test', 'silent') });
  #version = 0;

  static async with(count: number, ejection: EjectionDocument = {}): Promise<Plane> {
    const plane = new Plane();
    plane.ejector.start();
    await plane.serve(web(ejection), ...servers(count));
    return plane;
  }

  async serve(...objects: readonly SnapshotObject[]): Promise<void> {
    const prepared = await this.serving.prepare(full(++this.#version, ...objects));
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
    await this.serving.settled;
  }

  get settings(): Backend {
    return this.serving.table.value.backends.get('web')!.settings;
  }

  slot(port: number): ServerSlot {
    return this.slots.get(`web/10.0.0.1:${port}`)!;
  }

  /** Answers of a server, in order: + is a success, - a failure. */
  answer(port: number, answers: string): void {
    const { ejector, settings } = this;
    for (const answer of answers)
      if (answer === '+') ejector.succeeded(this.slot(port), settings);
      else ejector.failed(this.slot(port), settings);
  }

  /** Ports of those that are out, as the pickers see it. */
  get out(): readonly number[] {
    return [...this.slots.values()].filter(({ slot }) => this.slots.ejected[slot] === 1).map(({ port }) => port);
  }
}

const web = (ejection?: EjectionDocument): SnapshotObject =>
  backend('web', { ejection: ejection === undefined ? undefined : resolveEjection(ejection) });
const servers = (count: number) => Array.from({ length: count }, (_, index) => server('web', index + 1));
const second = 1_000;

describe('Ejector', () => {
  it('ejects after as many failures in a row as the setting says', async () => {
    const plane = await Plane.with(4, { consecutiveFailures: 5 });
    plane.answer(1, '----+----');
    expect(plane.out).toEqual([]);
    plane.answer(1, '-');
    expect(plane.out).toEqual([1]);
    expect(plane.ejector.counts).toEqual({ ejections: 1, withheld: 0 });
  });

  it('counts the failures of each server for itself', async () => {
    const plane = await Plane.with(4, { consecutiveFailures: 2 });
    for (const port of [1, 2, 3, 4]) plane.answer(port, '-');
    expect(plane.out).toEqual([]);
  });

  it('does nothing where the backend has no such setting', async () => {
    const plane = new Plane();
    plane.ejector.start();
    await plane.serve(backend('web'), ...servers(4));
    plane.answer(1, '-'.repeat(1_000));
    expect([plane.out, plane.clock.pending]).toEqual([[], 0]);
  });

  it('takes servers back when their time is over, with one timer for all and none when nobody is out', async () => {
    const plane = await Plane.with(6, { consecutiveFailures: 1, baseTime: '30s' });
    expect(plane.clock.pending).toBe(0);
    plane.answer(1, '-');
    plane.clock.advance(10 * second);
    plane.answer(2, '-');
    expect([plane.out, plane.clock.pending]).toEqual([[1, 2], 1]);
    plane.clock.advance(20 * second - 1);
    expect(plane.out).toEqual([1, 2]);
    plane.clock.advance(1);
    expect([plane.out, plane.clock.pending]).toEqual([[2], 1]);
    plane.clock.advance(10 * second);
    expect([plane.out, plane.clock.pending]).toEqual([[], 0]);
  });

  it('keeps a server out for longer each time, up to the maximum', async () => {
    const plane = await Plane.with(2, { consecutiveFailures: 1, baseTime: '30s', maxTime: '100s' });
    expect([1, 2, 3, 4, 5].map(() => timeOut(plane, 1) / second)).toEqual([30, 60, 90, 100, 100]);
  });

  it('takes one off the count for every base time that a server is in use', async () => {
    const plane = await Plane.with(2, { consecutiveFailures: 1, baseTime: '30s', maxTime: '300s' });
    for (let time = 0; time < 3; time++) timeOut(plane, 1);
    plane.clock.advance(60 * second);
    expect(timeOut(plane, 1)).toBe(60 * second); // the fourth time, less two
    plane.clock.advance(3_600 * second);
    expect(timeOut(plane, 1)).toBe(30 * second);
  });

  it('starts the count of failures anew when a server comes back', async () => {
    const plane = await Plane.with(2, { consecutiveFailures: 3, baseTime: '1s' });
    plane.answer(1, '-----'); // two came late
    plane.clock.advance(second);
    plane.answer(1, '--');
    expect(plane.out).toEqual([]);
    plane.answer(1, '-');
    expect(plane.out).toEqual([1]);
  });

  it('lets a server that comes back start slowly', async () => {
    const plane = await Plane.with(2, { consecutiveFailures: 1, baseTime: '1s' });
    plane.answer(1, '-');
    expect(plane.slots.rampStartedMs[plane.slot(1).slot]).toBe(0);
    plane.clock.advance(second);
    expect(plane.slots.rampStartedMs[plane.slot(1).slot]).toBe(second);
  });

  it.each([
    [1, 100, 0],
    [2, 50, 1],
    [2, 100, 1],
    [3, 50, 1],
    [4, 50, 2],
    [5, 10, 0],
    [10, 10, 1],
    [10, 100, 9],
  ])('of %d servers and %d %% ejects at most %d', async (count, maxPercent, most) => {
    const plane = await Plane.with(count, { consecutiveFailures: 2, maxPercent });
    for (let round = 0; round < 3; round++) for (let port = 1; port <= count; port++) plane.answer(port, '--');
    expect(plane.out).toHaveLength(most);
    expect(plane.ejector.counts.ejections).toBe(most);
    expect(plane.ejector.counts.withheld).toBe(3 * (count - most));
  });

  it('never ejects the last server that probes and operators leave', async () => {
    const plane = new Plane();
    plane.ejector.start();
    const state = (port: number, word: string) => server('web', port, { state: word });
    await plane.serve(
      web({ consecutiveFailures: 1, maxPercent: 100 }),
      ...servers(2),
      state(3, 'draining'),
      state(4, 'disabled'),
    );
    plane.slots.verdicts[plane.slot(2).slot] = verdict.unhealthy;
    plane.answer(1, '-');
    expect(plane.out).toEqual([]);
    plane.slots.verdicts[plane.slot(2).slot] = verdict.healthy;
    plane.answer(1, '-');
    expect(plane.out).toEqual([1]);
    plane.answer(2, '---');
    expect(plane.out).toEqual([1]);
  });

  it('gives room to another when one has come back', async () => {
    const plane = await Plane.with(2, { consecutiveFailures: 1, baseTime: '10s' });
    plane.answer(1, '-');
    plane.answer(2, '-');
    expect(plane.out).toEqual([1]);
    plane.clock.advance(10 * second);
    plane.answer(2, '-');
    expect(plane.out).toEqual([2]);
  });

  it('takes a server back after a probe that began since, where that is the setting', async () => {
    const plane = await Plane.with(4, { consecutiveFailures: 1, recovery: 'probe' });
    plane.clock.advance(second);
    plane.answer(1, '-');
    plane.ejector.probeSucceeded(plane.slot(1), second - 1);
    expect(plane.out).toEqual([1]);
    plane.clock.advance(second);
    plane.ejector.probeSucceeded(plane.slot(2), 2 * second);
    expect(plane.out).toEqual([1]);
    plane.ejector.probeSucceeded(plane.slot(1), 2 * second);
    expect([plane.out, plane.clock.pending]).toEqual([[], 0]);
  });

  it('goes by time alone where that is the setting, and by time too where probes count', async () => {
    for (const recovery of ['time', 'probe'] as const) {
      const plane = await Plane.with(4, { consecutiveFailures: 1, recovery, baseTime: '10s' });
      plane.answer(1, '-');
      if (recovery === 'time') plane.ejector.probeSucceeded(plane.slot(1), 5 * second);
      expect(plane.out).toEqual([1]);
      plane.clock.advance(10 * second);
      expect(plane.out).toEqual([]);
    }
  });

  it('keeps ejections and counts through snapshots', async () => {
    const plane = await Plane.with(4, { consecutiveFailures: 2, baseTime: '10s' });
    plane.answer(1, '--');
    plane.answer(2, '-');
    for (let change = 1; change <= 200; change++)
      await plane.serve(
        web({ consecutiveFailures: 2, baseTime: '10s', maxTime: `${change}m` }),
        ...servers(4 + change),
      );
    expect(plane.out).toEqual([1]);
    plane.answer(2, '-');
    expect(plane.out).toEqual([1, 2]);
    plane.clock.advance(10 * second);
    expect(plane.out).toEqual([]);
  });

  it('ends every ejection of a backend when the setting goes', async () => {
    const plane = await Plane.with(4, { consecutiveFailures: 1 });
    const { settings } = plane;
    plane.answer(1, '-');
    await plane.serve(backend('web'), ...servers(4));
    expect([plane.out, plane.clock.pending, plane.ejector.size]).toEqual([[], 0, 0]);
    plane.ejector.failed(plane.slot(2), settings); // of a request that began before
    expect(plane.out).toEqual([]);
  });

  it('forgets servers that leave or are disabled', async () => {
    const plane = await Plane.with(6, { consecutiveFailures: 1, baseTime: '30s' });
    for (const port of [1, 2, 3]) plane.answer(port, '-');
    plane.slots.begin(plane.slot(1)); // its slot stays for a while
    const first = plane.slot(1);
    const disabled = server('web', 2, { state: 'disabled' });
    await plane.serve(web({ consecutiveFailures: 1 }), disabled, ...servers(6).slice(2));
    expect(plane.out).toEqual([3]);
    plane.ejector.failed(first, plane.settings);
    expect(plane.out).toEqual([3]);
    await plane.serve(web({ consecutiveFailures: 1 }), ...servers(6));
    expect(plane.out).toEqual([3]);
    plane.slots.end(first);
    await plane.serve();
    expect([plane.ejector.size, plane.clock.pending]).toEqual([0, 0]);
  });

  it('reports those that are out, and says when that changes', async () => {
    const plane = await Plane.with(4, { consecutiveFailures: 5, baseTime: '1s' });
    const heard: string[] = [];
    const stop = plane.ejector.onChange((key) => heard.push(`${key} ${plane.ejector.get(key)?.lastError ?? 'gone'}`));
    const since = plane.clock.now();
    plane.answer(1, '-----');
    expect([...plane.ejector.all()]).toEqual([
      {
        server: 'web/10.0.0.1:1',
        verdict: 'unhealthy',
        sinceMs: since,
        lastError: 'ejected after 5 failures in a row',
        ejected: true,
      },
    ]);
    plane.clock.advance(second);
    expect(heard).toEqual(['web/10.0.0.1:1 ejected after 5 failures in a row', 'web/10.0.0.1:1 gone']);
    stop();
    plane.answer(2, '-----');
    expect(heard).toHaveLength(2);
  });

  it('leaves no timer when it is closed', async () => {
    const plane = await Plane.with(4, { consecutiveFailures: 1 });
    plane.answer(1, '-');
    plane.ejector.close();
    expect(plane.clock.pending).toBe(0);
  });
});

/** Ejects a server, and waits until it is back: for how long it was out. */
function timeOut(plane: Plane, port: number): number {
  plane.answer(port, '-');
  const began = plane.clock.monotonic();
  while (plane.out.includes(port)) plane.clock.advance(second);
  return plane.clock.monotonic() - began;
}
