import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition; fails, naming it, when it does not come true. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`gave up waiting: ${what}`);
    await delay(2);
  }
}
