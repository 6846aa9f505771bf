import { ManualClock } from '@headgate/shared/manual-clock';
import { WriteProbe } from './write-probe.ts';

describe('WriteProbe', () => {
  let clock: ManualClock;
  let writes: number;
  let broken: string | undefined;
  let probe: WriteProbe;

  beforeEach(() => {
    [clock, writes, broken] = [new ManualClock(), 0, undefined];
    const attempt = (): void => {
      if (broken !== undefined) throw new Error(broken);
    };
    const tryWrite = (): void => {
      writes++;
      attempt();
    };
    probe = new WriteProbe({ clock, rehearse: attempt, tryWrite });
  });

  it('writes nothing as long as writes succeed', () => {
    probe.succeeded();
    for (let times = 0; times < 100; times++) expect(probe.check()).toBeUndefined();
    expect(writes).toBe(0);
  });

  it('says why a rehearsal fails', () => {
    broken = 'read-only';
    expect(probe.check()).toBe('read-only');
  });

  it('remembers a failed write and tries again once a second', () => {
    probe.failed(new Error('full'));
    broken = 'still full';
    expect(probe.check()).toBe('full');
    expect(writes).toBe(0);
    clock.advance(1_000);
    expect(probe.check()).toBe('still full');
    expect(probe.check()).toBe('full');
    expect(writes).toBe(1);
  });

  it('is satisfied when a try succeeds, without trying more', () => {
    probe.failed(new Error('full'));
    clock.advance(1_000);
    expect(probe.check()).toBeUndefined();
    expect(probe.check()).toBeUndefined();
    expect(writes).toBe(1);
  });

  it('is satisfied when a write has succeeded meanwhile', () => {
    probe.failed(new Error('full'));
    probe.succeeded();
    expect(probe.check()).toBeUndefined();
    expect(writes).toBe(0);
  });
});
