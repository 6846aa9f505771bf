import { ManualClock } from '@headgate/shared/manual-clock';
import { Readiness } from './readiness.ts';

describe('Readiness', () => {
  it('does not wait for a check that hangs', async () => {
    const clock = new ManualClock();
    const readiness = new Readiness([{ name: 'store', check: () => new Promise(() => undefined) }], clock);
    const unready = readiness.unready();
    clock.advance(2_000);
    expect(await unready).toEqual([{ name: 'store', reason: 'does not answer' }]);
  });

  it('leaves no timer behind but the one of its result', async () => {
    const clock = new ManualClock();
    const readiness = new Readiness([{ name: 'store', check: () => ({ ok: true }) }], clock);
    expect(await readiness.unready()).toEqual([]);
    expect(clock.pending).toBe(1);
  });
});
