import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition; fails, naming it, when it does not come true. */
export async function eventually(what: string, condition: () => boolean, withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`gave up waiting: ${what}`);
    await delay(2);
  }
}
