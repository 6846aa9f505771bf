import { isAvailable } from './is-available.ts';
import { noChoice } from './no-choice.ts';
import type { Candidate, CreatePicker } from './picker.ts';

/**
 * Every server in turn, in the order of their keys, whatever their weights. The next one is the available server whose
 * key follows that of the last choice: so a dead server's turns are spread over all the others instead of doubling its
 * successor's, and servers that come and go do not restart the order.
 */
export const createRoundRobin: CreatePicker = (input) => {
  const { candidates, slots, position } = input;
  let lastKey: string | undefined;
  let lastIndex = 0;

  /** The position is shared with the pickers of other versions, so it is trusted only while it stands where we left it. */
  function nextIndex(): number {
    return lastKey === position.lastKey ? lastIndex + 1 : firstAfter(candidates, position.lastKey);
  }

  return {
    pick({ tried }) {
      let index = nextIndex();
      for (let left = candidates.length; left > 0; left--, index++) {
        if (index >= candidates.length) index = 0;
        const { server } = candidates[index]!;
        if (!isAvailable(slots, server, tried)) continue;
        lastIndex = index;
        lastKey = server.key;
        position.lastKey = server.key;
        position.smoothTotal = undefined;
        return { kind: 'server', server };
      }
      return noChoice(input);
    },
  };
};

/** Index of the first candidate whose key is greater, by halving; their number when there is none. */
function firstAfter(candidates: readonly Candidate[], key: string): number {
  let [low, high] = [0, candidates.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (candidates[middle]!.server.key > key) high = middle;
    else low = middle + 1;
  }
  return low;
}
