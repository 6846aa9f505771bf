import { systemClock, type Clock } from '@headgate/shared/clock';
import { performanceOrigin } from './performance-origin.ts';

/**
 * The machine's clock with the monotonic time of another thread: each thread's own begins when the thread does, and
 * times that threads tell each other would be worth nothing. `origin` is that thread's `performanceOrigin`.
 */
export function alignedClock(origin: number): Clock {
  const offsetMs = performanceOrigin() - origin;
  return { ...systemClock, monotonic: () => performance.now() + offsetMs };
}
