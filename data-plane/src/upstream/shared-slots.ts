import { ServerSlots } from './server-slots.ts';
import { MOST_SERVERS, type SharedCounts } from './shared-counts.ts';

/** A snapshot has more servers than there is room for. */
export class TooManyServersError extends Error {
  override readonly name = 'TooManyServersError';

  constructor() {
    super(`with several threads there is room for ${MOST_SERVERS} servers, those that drain included`);
  }
}

/** Slots whose verdicts and counts are the same in all threads. Turns of smooth orders are each thread's own. */
export class SharedSlots extends ServerSlots {
  protected readonly counts: SharedCounts;

  constructor(counts: SharedCounts) {
    super();
    this.counts = counts;
    this.verdicts = counts.verdicts;
    this.ejected = counts.ejected;
    this.inFlight = counts.inFlight;
    this.rampStartedMs = counts.rampStartedMs;
  }

  /** @throws TooManyServersError */
  protected override reserve(slot: number): void {
    if (slot >= MOST_SERVERS) throw new TooManyServersError();
    if (slot >= this.dueWeights.length) this.reserveTurns(slot * 2);
  }
}
