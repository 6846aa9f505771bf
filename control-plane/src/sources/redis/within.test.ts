import { ManualClock } from '@headgate/shared/manual-clock';
import { LateError, within } from './within.ts';

describe('a wait that ends', () => {
  const open = () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const life = { clock, ms: 2_000, signal: controller.signal };
    return { clock, controller, life };
  };
  const never = new Promise<never>(() => undefined);

  it('brings what the work brings, and leaves no timer behind', async () => {
    const { clock, life } = open();
    await expect(within(Promise.resolve('done'), life)).resolves.toBe('done');
    await expect(within(Promise.reject(new Error('failed')), life)).rejects.toThrow('failed');
    expect(clock.pending).toBe(0);
  });

  it('is late when time runs out', async () => {
    const { clock, life } = open();
    const waiting = within(never, life);
    clock.advance(2_000);
    await expect(waiting).rejects.toEqual(new LateError(2_000));
  });

  it('ends with the reason of the signal, before or while it waits', async () => {
    const { clock, controller, life } = open();
    const waiting = within(never, life);
    controller.abort(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    await expect(within(never, life)).rejects.toThrow('closed');
    expect(clock.pending).toBe(0);
  });
});
