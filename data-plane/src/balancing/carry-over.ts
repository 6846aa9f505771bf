import type { PickerInput } from './picker.ts';

/**
 * Takes a smooth weighted order over from the version before, after servers or weights have changed.
 *
 * A smooth weight divided by the sum of all weights says how many choices a server is owed. That debt is what has to
 * survive, so smooth weights are scaled to the new sum: otherwise a server whose weight fell from 1,000 to 1 would wait
 * for a thousand choices. Debts must add up to nothing, or newcomers, which start without any, would wait too: what
 * servers that have left owed, or were owed, is shared by those that stay, according to their weights.
 */
export function carryOver({ candidates, slots, position }: PickerInput): void {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  if (position.smoothTotal === undefined) seed({ candidates, slots, position }, total);
  else if (position.smoothTotal !== total) scale({ candidates, slots, position }, total / position.smoothTotal);
  level({ candidates, slots, position }, total);
  position.smoothTotal = total;
}

/** As if the order had been in turn until now: who comes after the last choice has yet to be served in this round. */
function seed({ candidates, slots, position }: PickerInput, total: number): void {
  const served = candidates.filter(({ server }) => server.key <= position.lastKey).length;
  const owed = Math.round((total * served) / candidates.length);
  candidates.forEach(({ server }, index) => {
    slots.smoothWeights[server.slot] = index < served ? owed - total : owed;
  });
}

function scale({ candidates, slots }: PickerInput, factor: number): void {
  for (const { server } of candidates) {
    slots.smoothWeights[server.slot] = Math.round(slots.smoothWeights[server.slot]! * factor);
  }
}

/** Makes the sum zero, by weight: as if the choices that upset it had never been. */
function level({ candidates, slots }: PickerInput, total: number): void {
  let sum = candidates.reduce((all, { server }) => all + slots.smoothWeights[server.slot]!, 0);
  let weights = total;
  for (const { server, weight } of candidates) {
    const share = Math.round((sum * weight) / weights);
    slots.smoothWeights[server.slot]! -= share;
    sum -= share;
    weights -= weight;
  }
}
