/** Where the order of one tier of servers stands. Changed by pickers alone. */
export class TierPosition {
  /** Key of the server chosen last, "" at first. */
  lastKey = '';
  /** Choices made by `round_robin`: what draws the lots of servers in slow start. */
  turns = 0;
  /** Retries served: what spreads them. */
  retries = 0;
  /** Virtual time of the smooth order: whole rounds, and what has passed of the one under way. It only grows. */
  round = 0;
  /** From 0 to below 1. */
  fraction = 0;
}

/** Where the orders of a backend stand. Lives as long as the backend, across snapshots. */
export class PickPosition {
  readonly #tiers = new Map<number, TierPosition>();

  /** Of the servers of one priority, of which there are 16 at most. */
  tier(priority: number): TierPosition {
    const known = this.#tiers.get(priority);
    if (known !== undefined) return known;
    const made = new TierPosition();
    this.#tiers.set(priority, made);
    return made;
  }
}
