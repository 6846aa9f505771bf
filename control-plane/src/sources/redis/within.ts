import type { Clock } from '@headgate/shared/clock';

export interface Within {
  readonly clock: Clock;
  readonly ms: number;
  /** Ends the wait at once. */
  readonly signal: AbortSignal;
}

/** Time ran out. */
export class LateError extends Error {
  override readonly name = 'LateError';
  readonly ms: number;

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.ms = ms;
  }
}

/**
 * What the work brings, when it does within `ms`. The work itself goes on: whoever gives up on it ends it.
 * @throws LateError, or the reason of the signal
 */
export function within<T>(work: Promise<T>, { clock, ms, signal }: Within): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const aborted = (): void => fail(signal.reason as Error);
    const cancel = clock.after(ms, () => fail(new LateError(ms)));
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', aborted);
    };
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    work.then(resolve, reject).finally(end);
  });
}
