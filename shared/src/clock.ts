/** Time as the rest of the code sees it; tests bring their own. */
export interface Clock {
  /** Unix time in milliseconds; may jump. For display and storage. */
  now(): number;
  /** Milliseconds that only grow, from an arbitrary start. For durations. */
  monotonic(): number;
  /** Calls back once after `delayMs`; returns how to cancel. Pending timers do not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Node turns longer delays into 1 ms. */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's clock. Delays beyond 24.8 days end then. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Calls back every `periodMs` until cancelled, counted from the end of the call before. */
export function every(clock: Clock, periodMs: number, callback: () => void): () => void {
  let cancel = clock.after(periodMs, tick);
  let stopped = false;
  function tick(): void {
    callback();
    if (!stopped) cancel = clock.after(periodMs, tick);
  }
  return () => {
    stopped = true;
    cancel();
  };
}
