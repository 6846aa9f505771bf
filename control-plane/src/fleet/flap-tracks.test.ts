import { FlapTracks } from './flap-tracks.ts';

describe('the changes of a data plane’s mind', () => {
  let tracks: FlapTracks;
  beforeEach(() => {
    tracks = new FlapTracks({ changes: 3, windowMs: 100 });
  });

  it('make a server flap when there are too many within the window', () => {
    expect([0, 50, 99].map((at) => tracks.note('a', at))).toEqual([false, false, true]);
    expect([...tracks.flapping]).toEqual(['a']);
  });

  it('do not when they are further apart', () => {
    expect([0, 60, 120, 180].map((at) => tracks.note('a', at))).toEqual([false, false, false, false]);
    expect(tracks.flapping.size).toBe(0);
  });

  it('are told once, however long it goes on', () => {
    for (const at of [0, 1, 2]) tracks.note('a', at);
    expect(tracks.note('a', 3)).toBe(false);
  });

  it('are over when too few are left within the window', () => {
    for (const at of [0, 10, 90]) tracks.note('a', at);
    expect(tracks.expire(100)).toEqual([]);
    expect(tracks.expire(101)).toEqual(['a']);
    expect(tracks.flapping.size).toBe(0);
    expect(tracks.size).toBe(1);
  });

  it('are forgotten after the window', () => {
    tracks.note('a', 0);
    tracks.note('b', 50);
    tracks.expire(101);
    expect([tracks.lastChange('a'), tracks.lastChange('b')]).toEqual([undefined, 50]);
  });

  it('are forgotten for the oldest that does not flap when room is needed', () => {
    for (const at of [0, 1, 2]) tracks.note('flapping', at);
    tracks.note('old', 3);
    tracks.note('new', 4);
    expect(tracks.forgetOldest()).toBe(true);
    expect(['flapping', 'old', 'new'].map((server) => tracks.lastChange(server))).toEqual([2, undefined, 4]);
    expect([tracks.forgetOldest(), tracks.forgetOldest()]).toEqual([true, false]);
    expect(tracks.lastChange('flapping')).toBe(2);
  });
});
