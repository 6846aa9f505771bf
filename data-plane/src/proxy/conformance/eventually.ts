const POLL_MS = 5;

/** How long a condition may take to come true before a case fails. Generous: it decides no case that is right. */
export const defaultDeadlineMs = 10_000;

/** Waits until the condition holds; fails with `what` in its message when the deadline passes first. */
export async function eventually(
  condition: () => boolean,
  what: string,
  deadlineMs: number = defaultDeadlineMs,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Still waiting after ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * Waits until a number has stopped changing: it was the same in `quietPolls` looks in a row. For what can only be seen
 * by nothing happening, such as a sender that is held back.
 */
export async function settled(value: () => number, what: string, quietPolls = 60): Promise<number> {
  let [last, quiet] = [value(), 0];
  await eventually(
    () => {
      const now = value();
      quiet = now === last ? quiet + 1 : 0;
      last = now;
      return quiet >= quietPolls;
    },
    what,
    20_000,
  );
  return last;
}

/** The promise's value; fails with `what` in its message when the deadline passes first. */
export async function within<T>(promise: Promise<T>, what: string, deadlineMs: number = defaultDeadlineMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Still waiting after ${deadlineMs} ms: ${what}`)), deadlineMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
