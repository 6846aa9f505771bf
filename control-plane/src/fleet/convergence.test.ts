import { convergenceOf, type Convergence } from './convergence.ts';
import { TestFleet } from './fleet.cases.ts';

function ask(fleet: TestFleet, version: number, ignoreGone = false): Convergence {
  return convergenceOf(fleet.register.fleet.value, fleet.history.newest.id, { version, ignoreGone });
}

describe('convergence', () => {
  let fleet: TestFleet;
  beforeEach(() => {
    fleet = new TestFleet();
    fleet.history.putBackend('a');
    fleet.history.putBackend('b');
  });

  it('needs a connected data plane', () => {
    expect(ask(fleet, 1)).toEqual({ version: 1, converged: false, dataPlanes: [] });
    fleet.join('dp', 3);
    fleet.register.left('dp');
    expect(ask(fleet, 1, true).converged).toBe(false);
  });

  it('is there when every data plane serves the version or a later one', () => {
    fleet.join('x', 2);
    fleet.join('y', 3);
    expect(ask(fleet, 2).converged).toBe(true);
    expect(ask(fleet, 3)).toEqual({
      version: 3,
      converged: false,
      dataPlanes: [
        { id: 'x', state: 'lagging', epoch: 'epoch-1', version: 2, serves: false },
        { id: 'y', state: 'live', epoch: 'epoch-1', version: 3, serves: true },
      ],
    });
  });

  it('is blocked by one that has gone, unless told to ignore those', () => {
    fleet.join('x', 3);
    fleet.join('y', 3);
    fleet.register.left('y');
    expect(ask(fleet, 3).converged).toBe(false);
    expect(ask(fleet, 3, true).converged).toBe(true);
    expect(ask(fleet, 3, true).dataPlanes.map(({ state }) => state)).toEqual(['live', 'gone']);
  });

  it('is blocked by one of another epoch, whatever its version', () => {
    fleet.join('x', 0, { held: { epoch: 'other', version: 99 } });
    expect(ask(fleet, 1).converged).toBe(false);
  });

  it('is blocked by one that is ahead of this store: it serves another history', () => {
    fleet.join('x', 9);
    expect(ask(fleet, 2).converged).toBe(false);
  });

  it('counts one that refused a later version for what it serves', () => {
    fleet.join('x', 2);
    fleet.register.nacked('x', { epoch: 'epoch-1', version: 3, errors: [], totalErrors: 0 });
    expect(ask(fleet, 2).converged).toBe(true);
    expect(ask(fleet, 3).converged).toBe(false);
    expect(ask(fleet, 3).dataPlanes[0]?.state).toBe('rejected');
  });
});
