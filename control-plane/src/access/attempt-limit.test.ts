import { ManualClock } from '@headgate/shared/manual-clock';
import { AttemptLimit } from './attempt-limit.ts';

function failTimes(limit: AttemptLimit, remote: string, times: number): readonly number[] {
  return Array.from({ length: times }, () => limit.fail(remote));
}

describe('AttemptLimit', () => {
  const clock = new ManualClock();

  it('holds up the twenty-first bad token of a minute, for as long as it says', () => {
    const limit = new AttemptLimit({ clock });
    expect(failTimes(limit, '10.0.0.1', 20)).toEqual(Array.from({ length: 20 }, () => 0));
    clock.advance(15_000);
    expect(limit.fail('10.0.0.1')).toBe(45_000);
    clock.advance(44_999);
    expect(limit.fail('10.0.0.1')).toBe(1);
    clock.advance(1);
    expect(limit.fail('10.0.0.1')).toBe(0);
  });

  it('slides: what is older than the window counts no more, what is younger does', () => {
    const limit = new AttemptLimit({ clock, attempts: 2, windowMs: 1_000 });
    limit.fail('a');
    clock.advance(600);
    limit.fail('a');
    clock.advance(400);
    expect(limit.fail('a')).toBe(0);
    expect(limit.fail('a')).toBe(600);
  });

  it('tells networks apart, and takes a /64 for one', () => {
    const limit = new AttemptLimit({ clock, attempts: 1 });
    limit.fail('2001:db8::1');
    expect(limit.fail('2001:db8::2')).toBeGreaterThan(0);
    expect(limit.fail('2001:db8:0:1::2')).toBe(0);
    expect(limit.fail('10.0.0.2')).toBe(0);
  });

  it('remembers a bounded number of networks, those that were heard of last', () => {
    const limit = new AttemptLimit({ clock, attempts: 1, networks: 3 });
    for (const last of [1, 2, 3]) limit.fail(`10.0.0.${last}`);
    limit.fail('10.0.0.4');
    expect(limit.size).toBe(3);
    expect(limit.fail('10.0.0.3')).toBeGreaterThan(0);
    expect(limit.fail('10.0.0.1')).toBe(0);
  });
});
