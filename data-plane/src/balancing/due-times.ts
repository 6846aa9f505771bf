import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import type { TierPosition } from './pick-position.ts';

/** Steps of one turn: weights are at most 1,000, so the steps of a round stay below 2³⁰. */
const STEPS = 2 ** 20;

/**
 * When servers are due in a smooth order, in virtual time, of which one round passes while every server has as many turns
 * as its weight says. A server's turns are 1 / weight of a round apart.
 *
 * Times are kept exactly, in typed arrays by slot: whole rounds, and steps of 1 / (weight × 2²⁰) of a round. Were they sums
 * of floating-point numbers, shares would drift. `at` turns one into a number that compares exactly within 2,048 rounds
 * of its base: two different times are at least 2⁻⁴⁰ apart (1 / (1,000 × 1,000 × 2²⁰)), and equal times of different
 * weights come out equal, because a division rounds correctly.
 */
export class DueTimes {
  readonly #slots: ServerSlots;
  readonly #position: TierPosition;

  constructor(slots: ServerSlots, position: TierPosition) {
    this.#slots = slots;
    this.#position = position;
  }

  /** When the server is due, in rounds from `baseRound` on, after having lost so many turns. */
  at({ slot }: ServerSlot, baseRound: number, lostTurns = 0): number {
    const { dueRounds, dueSteps, dueWeights } = this.#slots;
    const perRound = dueWeights[slot]! * STEPS;
    const steps = dueSteps[slot]! + lostTurns * STEPS;
    // As `advance` would leave it, so that both come to the same number.
    const rounds = Math.floor(steps / perRound);
    return dueRounds[slot]! + rounds - baseRound + (steps - rounds * perRound) / perRound;
  }

  /** The server's weight in the order; 0 when it has no place yet. */
  weight({ slot }: ServerSlot): number {
    return this.#slots.dueWeights[slot]!;
  }

  /** Turns of its own that the server has to wait from now on; negative when it is late. */
  turnsUntil(server: ServerSlot): number {
    const { round, fraction } = this.#position;
    return (this.at(server, round) - fraction) * this.weight(server);
  }

  /** Whole turns that the server has missed, but for the last one: it was out, and nobody looked. */
  missedTurns(server: ServerSlot): number {
    return Math.max(0, Math.floor(-this.turnsUntil(server)));
  }

  /** Counts the server's turns, from an arbitrary start: what draws its lots. */
  turnNumber({ slot }: ServerSlot): number {
    const { dueRounds, dueSteps, dueWeights } = this.#slots;
    return dueRounds[slot]! * dueWeights[slot]! + Math.floor(dueSteps[slot]! / STEPS);
  }

  /** Puts the server where it waits for so many turns of that weight. */
  place({ slot }: ServerSlot, weight: number, turns: number): void {
    const { round, fraction } = this.#position;
    this.#slots.dueWeights[slot] = weight;
    this.#set(slot, round, Math.round((fraction * weight + turns) * STEPS));
  }

  /** Moves the server on by whole turns, or back. */
  advance({ slot }: ServerSlot, turns: number): void {
    const { dueRounds, dueSteps } = this.#slots;
    this.#set(slot, dueRounds[slot]!, dueSteps[slot]! + turns * STEPS);
  }

  /** The server has its turn: the time is now what it was due at, unless that has passed. */
  take(server: ServerSlot): void {
    const { dueRounds, dueSteps, dueWeights } = this.#slots;
    const position = this.#position;
    const round = dueRounds[server.slot]!;
    const fraction = dueSteps[server.slot]! / (dueWeights[server.slot]! * STEPS);
    if (round < position.round || (round === position.round && fraction < position.fraction)) return;
    position.round = round;
    position.fraction = fraction;
  }

  #set(slot: number, round: number, steps: number): void {
    const perRound = this.#slots.dueWeights[slot]! * STEPS;
    const rounds = Math.floor(steps / perRound);
    this.#slots.dueRounds[slot] = round + rounds;
    this.#slots.dueSteps[slot] = steps - rounds * perRound;
  }
}
