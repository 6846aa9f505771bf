import { findAlgorithm } from './algorithms.ts';
import { noChoice } from './no-choice.ts';
import type { CreateOrder, Order } from './order.ts';
import type { Candidate, PickContext, Picker, PickerInput, PickResult } from './picker.ts';
import { SlowStart } from './slow-start.ts';

/** Servers of one priority, and how they are chosen from. */
interface Tier {
  readonly priority: number;
  readonly candidates: readonly Candidate[];
  readonly order: Order;
  /** What is answered for each candidate, made when it is first chosen. */
  readonly results: (PickResult | undefined)[];
}

/**
 * The picker of a backend: its algorithm once for each priority that its servers have. A tier is used only when the
 * tiers before it have nobody who can take the request. With `failOpen`, and nobody healthy in any of them, they are gone
 * through again, and health counts for nothing.
 */
export function createPicker(input: PickerInput): Picker {
  const { algorithm } = input.settings.balance;
  const create = findAlgorithm(algorithm);
  if (create === undefined) throw new Error(`a checked backend has the unknown algorithm ${algorithm}`);
  return new TieredPicker(input, create);
}

class TieredPicker implements Picker {
  readonly #input: Pick<PickerInput, 'candidates' | 'availability' | 'settings'>;
  readonly #create: CreateOrder;
  readonly #tiers: readonly Tier[];

  constructor(input: PickerInput, create: CreateOrder) {
    const { candidates, availability, settings } = input;
    // Not all of it: the picker of the version before must be free to go.
    this.#input = { candidates, availability, settings };
    this.#create = create;
    this.#tiers = this.#createTiers(input);
  }

  pick(context: PickContext): PickResult {
    for (const { order, candidates, results } of this.#tiers) {
      const index = order.choose(context, false);
      if (index !== -1) return (results[index] ??= resultFor(candidates[index]!));
    }
    return this.#withoutHealth(context, 'choose');
  }

  peek(context: PickContext): PickResult {
    for (const { order, candidates } of this.#tiers) {
      const index = order.peek(context, false);
      if (index !== -1) return resultFor(candidates[index]!);
    }
    return this.#withoutHealth(context, 'peek');
  }

  #withoutHealth(context: PickContext, choose: 'choose' | 'peek'): PickResult {
    const none = noChoice(this.#input, context, false);
    // Somebody is healthy, but was tried: a request that failed there does not make the others any healthier.
    if (!this.#input.settings.failOpen || none.reason === 'no_servers' || this.#input.availability.hasHealthy()) {
      return none;
    }
    for (const { order, candidates } of this.#tiers) {
      const index = order[choose](context, true);
      if (index !== -1) return resultFor(candidates[index]!);
    }
    return noChoice(this.#input, context, true);
  }

  #createTiers(input: PickerInput): readonly Tier[] {
    const { settings, slots, availability, position, traffic, random, clock } = input;
    const slowStart = new SlowStart(slots, settings.slowStartMs, clock);
    const common = { balance: settings.balance, slots, availability, slowStart, traffic, random };
    const tiers = [...byPriority(input.candidates)].sort(([a], [b]) => a - b);
    return tiers.map(([priority, candidates]) => {
      const before = this.#orderOf(input.before, priority);
      const order = this.#create({ ...common, candidates, position: position.tier(priority), before });
      return { priority, candidates, order, results: new Array<undefined>(candidates.length) };
    });
  }

  #orderOf(picker: Picker | undefined, priority: number): Order | undefined {
    if (!(picker instanceof TieredPicker) || picker.#create !== this.#create) return undefined;
    return picker.#tiers.find((tier) => tier.priority === priority)?.order;
  }
}

function resultFor({ server }: Candidate): PickResult {
  return Object.freeze({ kind: 'server', server });
}

function byPriority(candidates: readonly Candidate[]): Map<number, readonly Candidate[]> {
  const [first] = candidates;
  if (first === undefined) return new Map();
  if (candidates.every(({ priority }) => priority === first.priority)) return new Map([[first.priority, candidates]]);
  return Map.groupBy(candidates, ({ priority }) => priority);
}
