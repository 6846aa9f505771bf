import { turns } from './turns.ts';

const QUIET_TURNS = 8;
/** Of the system, which may take a while to pass bytes on when the machine is busy. */
const QUIET_MS = 3;
const LIMIT_MS = 20_000;

/** Waits until a count of what happens has stood still; false when it still moves after 20 s. */
export async function quiet(activity: () => number, quietMs = QUIET_MS): Promise<boolean> {
  const end = performance.now() + LIMIT_MS;
  let [last, since, still] = [activity(), performance.now(), 0];
  while (still < QUIET_TURNS || performance.now() - since < quietMs) {
    await turns(1);
    const now = activity();
    if (now === last) still++;
    else [last, since, still] = [now, performance.now(), 0];
    if (performance.now() > end) return false;
  }
  return true;
}
