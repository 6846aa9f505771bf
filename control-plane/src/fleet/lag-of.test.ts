import { lagOf } from './lag-of.ts';
import { VersionTimes } from './version-times.ts';

describe('the lag of a data plane', () => {
  const times = new VersionTimes({ epoch: 'e', version: 1 }, 0);
  times.published({ epoch: 'e', version: 2 }, 10_000);
  times.published({ epoch: 'e', version: 3 }, 12_000);
  const view = { newest: { epoch: 'e', version: 3 }, times, now: 15_000 };

  it('is nothing at the newest version', () => {
    expect(lagOf({ epoch: 'e', version: 3 }, view)).toEqual({ versions: 0, ms: 0 });
  });

  it('counts versions, and the time since the first that is lacking', () => {
    expect(lagOf({ epoch: 'e', version: 2 }, view)).toEqual({ versions: 1, ms: 3_000 });
    expect(lagOf({ epoch: 'e', version: 1 }, view)).toEqual({ versions: 2, ms: 5_000 });
  });

  it('counts all versions for one that serves nothing', () => {
    expect(lagOf({ epoch: '', version: 0 }, view)).toEqual({ versions: 3, ms: 15_000 });
  });

  it('is unknown for another history, and for one that is ahead', () => {
    expect(lagOf({ epoch: 'other', version: 1 }, view)).toBeUndefined();
    expect(lagOf({ epoch: 'e', version: 4 }, view)).toBeUndefined();
  });
});
