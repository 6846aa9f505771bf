import { standingOf, statusOf, type Statements } from './standing.ts';

function standing(said: Partial<Statements>): string {
  return standingOf({ checked: true, voices: 3, unhealthy: 0, ejected: 0, unknown: 0, flapping: 0, ...said });
}

describe('the standing of a server', () => {
  it('is what all who have a say agree on, silence meaning healthy', () => {
    expect(standing({})).toBe('healthy');
    expect(standing({ unhealthy: 3 })).toBe('unhealthy');
    expect(standing({ ejected: 3 })).toBe('ejected');
  });

  it('is disputed when some hold it for healthy and some do not', () => {
    expect(standing({ unhealthy: 1 })).toBe('disputed');
    expect(standing({ ejected: 2 })).toBe('disputed');
  });

  it('is no matter of dispute for those who send it nothing, for whatever reason', () => {
    expect(standing({ unhealthy: 1, ejected: 2 })).toBe('unhealthy');
  });

  it('does not count those who do not know', () => {
    expect(standing({ unhealthy: 1, unknown: 2 })).toBe('unhealthy');
    expect(standing({ unknown: 3 })).toBe('unknown');
  });

  it('is flapping as soon as one changes its mind again and again', () => {
    expect(standing({ unhealthy: 3, flapping: 1 })).toBe('flapping');
  });

  it('is unknown when nobody has a say, and when silence means nothing', () => {
    expect(standing({ voices: 0 })).toBe('unknown');
    expect(standing({ checked: false })).toBe('unknown');
    expect(standing({ checked: false, ejected: 1 })).toBe('ejected');
  });

  it('is agreed on unless it says otherwise', () => {
    expect((['healthy', 'unhealthy', 'ejected', 'disputed', 'flapping', 'unknown'] as const).map(statusOf)).toEqual([
      ...['agreed', 'agreed', 'agreed', 'disputed', 'flapping', 'unknown'],
    ]);
  });
});
