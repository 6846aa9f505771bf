import type { Decide, Decision, Exchange, Refuse } from '../forwarder.ts';

/** Stands between an engine and the core, and notes what the engine does to exchanges against the contract. */
export class ExchangeWitness {
  readonly breaches: string[] = [];
  open = 0;

  decide(decide: Decide): Decide {
    return (head) => this.#watch(decide(head), `${head.method} ${head.target.slice(0, 80)}`);
  }

  refuse(refuse: Refuse): Refuse {
    return (refused) => this.#watch(refuse(refused), `refused ${refused.answer.reason}`);
  }

  /** The decision with its exchange seen through a proxy: what is not watched goes to the exchange itself. */
  #watch<D extends Decision>(decision: D, name: string): D {
    this.open++;
    const state = { ended: false, answered: false };
    const breach = (what: string): unknown => this.breaches.push(`${name}: ${what}`);
    const before: Record<string, () => void> = {
      answered: () => {
        if (state.ended) breach('answered after its end');
        if (state.answered) breach('answered twice');
        state.answered = true;
      },
      next: () => {
        if (state.ended) breach('asked for a server after its end');
        if (state.answered) breach('asked for a server after its answer had begun');
      },
      end: () => {
        if (state.ended) return void breach('ended twice');
        state.ended = true;
        this.open--;
      },
    };
    return { ...decision, exchange: watched(decision.exchange, before) };
  }
}

function watched<E extends Exchange>(exchange: E, before: Readonly<Record<string, () => void>>): E {
  return new Proxy(exchange, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        before[String(name)]?.();
        return Reflect.apply(value, target, args);
      };
    },
  });
}
