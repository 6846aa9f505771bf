import { TestFleet } from './fleet.cases.ts';
import { FleetLoad, type ReportedLoad } from './fleet-load.ts';
import type { FleetLimits } from './fleet-limits.ts';

const A = 'web/10.0.0.1:80';
const B = 'web/10.0.0.2:80';
const C = 'web/10.0.0.3:80';

describe('what the fleet has in flight', () => {
  let fleet: TestFleet;
  let load: FleetLoad;
  beforeEach(() => start());
  afterEach(() => load.close());

  function start(limits: Partial<FleetLimits> = {}): void {
    fleet = new TestFleet();
    load = new FleetLoad({ register: fleet.register, limits });
    for (const id of ['x', 'y']) fleet.join(id);
  }

  function say(id: string, counts: Readonly<Record<string, number>>, full = false): void {
    const loads: ReportedLoad[] = Object.entries(counts).map(([server, inFlight]) => ({ server, inFlight }));
    load.report(id, { full, loads });
  }

  it('is the sum of what each data plane says', () => {
    say('x', { [A]: 3, [B]: 1 }, true);
    say('y', { [A]: 4 }, true);
    expect([load.inFlight(A), load.inFlight(B), load.inFlight(C)]).toEqual([7, 1, 0]);
    expect([load.total, load.size]).toEqual([8, 2]);
  });

  it('follows what changes, and forgets servers at which nothing is left', () => {
    say('x', { [A]: 3, [B]: 1 }, true);
    say('y', { [A]: 4 }, true);
    say('x', { [A]: 5, [B]: 0 });
    expect([load.inFlight(A), load.inFlight(B), load.size]).toEqual([9, 0, 1]);
    say('x', { [A]: 0 });
    say('y', { [A]: 0, [C]: 0 });
    expect([load.total, load.size]).toEqual([0, 0]);
  });

  it('is replaced by a full set', () => {
    say('x', { [A]: 3, [B]: 1 }, true);
    say('x', { [B]: 2 }, true);
    expect([load.inFlight(A), load.inFlight(B), load.total]).toEqual([0, 2, 2]);
  });

  it('takes the last word about a server that one report names twice', () => {
    const loads = [5, 0, 2].map((inFlight) => ({ server: A, inFlight }));
    load.report('x', { full: true, loads });
    expect([load.inFlight(A), load.size]).toEqual([2, 1]);
  });

  it('goes with the data plane that said it, and is not there again before it says so', () => {
    say('x', { [A]: 3 }, true);
    say('y', { [A]: 4, [B]: 1 }, true);
    fleet.register.left('y');
    expect([load.inFlight(A), load.inFlight(B), load.size]).toEqual([3, 0, 1]);
    fleet.join('y');
    expect(load.inFlight(A)).toBe(3);
    say('y', { [A]: 1 }, true);
    expect(load.inFlight(A)).toBe(4);
  });

  it('is void when the same data plane opens a newer stream', () => {
    say('x', { [A]: 3 }, true);
    fleet.join('x');
    expect([load.inFlight(A), load.size]).toEqual([0, 0]);
  });

  it('takes no notice of who is not connected', () => {
    fleet.register.left('x');
    say('x', { [A]: 3 }, true);
    say('nobody', { [A]: 3 }, true);
    expect(load.size).toBe(0);
  });

  it('is bounded for each data plane, which is shown once, until a full set fits', () => {
    start({ loads: 2 });
    const told: string[] = [];
    fleet.register.onOccurrence(({ kind }) => told.push(kind));
    say('x', { [A]: 1, [B]: 1, [C]: 1 }, true);
    say('x', { [C]: 2, [A]: 4 });
    expect([load.inFlight(A), load.inFlight(B), load.inFlight(C)]).toEqual([4, 1, 0]);
    expect(fleet.record('x').problem).toMatchObject({ code: 'too_many_loads' });
    expect(told).toEqual(['troubled']);
    say('x', { [A]: 0, [C]: 2 });
    expect([load.inFlight(B), load.inFlight(C), load.size]).toEqual([1, 2, 2]);
    say('x', { [A]: 1 }, true);
    expect(fleet.record('x').problem).toBeUndefined();
  });

  it('is bounded for all data planes together, and there is room again when one goes', () => {
    start({ totalLoads: 2 });
    say('x', { [A]: 1 }, true);
    say('y', { [A]: 1, [B]: 1 }, true);
    expect([load.inFlight(A), load.inFlight(B)]).toEqual([2, 0]);
    expect(fleet.record('y').problem).toMatchObject({ code: 'too_many_loads' });
    fleet.register.left('x');
    say('y', { [A]: 1, [B]: 1 }, true);
    expect([load.inFlight(A), load.inFlight(B)]).toEqual([1, 1]);
  });
});
