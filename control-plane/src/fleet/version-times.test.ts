import { VersionTimes } from './version-times.ts';

function timesOf(most?: number): VersionTimes {
  const times = new VersionTimes({ epoch: 'e', version: 5 }, 1_000, most);
  for (let version = 6; version <= 9; version++) times.published({ epoch: 'e', version }, version * 1_000);
  return times;
}

describe('the times of versions', () => {
  it('tell since when a version is not the newest', () => {
    const times = timesOf();
    expect([5, 6, 8].map((version) => times.firstAfter(version))).toEqual([6_000, 7_000, 9_000]);
    expect([9, 12].map((version) => times.firstAfter(version))).toEqual([undefined, undefined]);
  });

  it('tell the least that is known of versions before them', () => {
    expect(timesOf().firstAfter(1)).toBe(1_000);
    const short = timesOf(2);
    expect(short.firstAfter(1)).toBe(7_000);
    expect(short.firstAfter(8)).toBe(9_000);
  });

  it('pass over a version that is not newer', () => {
    const times = timesOf();
    times.published({ epoch: 'e', version: 7 }, 99_000);
    expect(times.firstAfter(6)).toBe(7_000);
  });
});
