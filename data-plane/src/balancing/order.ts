import type { Balance } from '@headgate/shared/model/balance';
import type { ServerSlots } from '../upstream/server-slots.ts';
import type { Availability } from './availability.ts';
import type { Candidate } from './candidate.ts';
import type { TierPosition } from './pick-position.ts';
import type { PickContext, Traffic } from './picker.ts';
import type { SlowStart } from './slow-start.ts';

/**
 * What an algorithm is: it chooses among servers of one priority. Priorities, `failOpen` and the reasons of a failure
 * are the same for all of them and stand in `createPicker`.
 */
export interface Order {
  /**
   * Chooses and moves the order on. Answers the index of a candidate that `availability` admits, or -1 when it admits
   * none; then nothing has moved. With `ignoreHealth`, health counts for nothing.
   */
  choose(context: PickContext, ignoreHealth: boolean): number;
  /** What the next `choose` would answer; changes nothing. Where lots are drawn: one of the possible answers. */
  peek(context: PickContext, ignoreHealth: boolean): number;
}

/** What an order is made of. */
export interface OrderInput {
  /** Of one priority, sorted by key; at least one. */
  readonly candidates: readonly Candidate[];
  readonly balance: Balance;
  readonly slots: ServerSlots;
  readonly availability: Availability;
  readonly slowStart: SlowStart;
  readonly position: TierPosition;
  readonly traffic: Traffic;
  readonly random: () => number;
  /** The order of the version before, if its algorithm is the same. Not kept. */
  readonly before?: Order | undefined;
}

export type CreateOrder = (input: OrderInput) => Order;
