import type { Fault } from './fault.ts';

/** More faults of one input are counted, not reported. */
const MAX_REPORTED = 1_000;
/** Beyond this the rest of the input is not looked at. */
const MAX_COUNTED = 10_000;

/**
 * The first thousand faults, and one that says how many more there are. Faults are drawn one by one and no further than
 * needed, so that an input made of nothing but faults costs no more than one with ten thousand of them.
 */
export function limitFaults(faults: Iterable<Fault>): readonly Fault[] {
  const reported: Fault[] = [];
  let count = 0;
  for (const fault of faults) {
    if (++count > MAX_COUNTED) break;
    if (count <= MAX_REPORTED) reported.push(fault);
  }
  return count > MAX_REPORTED ? [...reported, moreFaults(count - MAX_REPORTED)] : reported;
}

function moreFaults(more: number): Fault {
  const unseen = more > MAX_COUNTED - MAX_REPORTED;
  const number = (unseen ? more - 1 : more).toLocaleString('en-US');
  return {
    pointer: '',
    code: 'more_faults',
    detail: unseen
      ? `there are more than ${number} more faults; the rest has not been looked at`
      : `there ${more === 1 ? 'is 1 more fault' : `are ${number} more faults`}`,
    fix: 'correct those that are listed and try again',
  };
}
