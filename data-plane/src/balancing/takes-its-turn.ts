import { mixBits } from './mix-bits.ts';

/**
 * Whether a server in slow start takes a turn: of many turns, the share `factor`. Each turn has a lot of its own, so that
 * a choice can be foretold, and whatever is taken at one factor is taken at every greater one.
 */
export function takesItsTurn(turn: number, slot: number, factor: number): boolean {
  return factor === 1 || mixBits((turn % 2 ** 32) ^ mixBits(slot)) < factor * 2 ** 32;
}
