import type { Decide, ForwardExchange } from '../../forwarder.ts';
import type { ForwarderOptions } from '../../forwarder-options.ts';

/** A request that the forwarder has decided about. */
export interface LoggedExchange {
  readonly requestId: string;
  readonly method: string;
  /** Whether it has ended, and whether in order. */
  outcome: string;
  /** Of the answer that the forwarder gave itself; "" as long as it gave none. */
  ownReason: string;
  status: number;
}

/** What a forwarder decides, by the port of the client, in order. */
export class ExchangeLog {
  /** Counts everything that happens. */
  activity = 0;
  #byPort = new Map<number, LoggedExchange[]>();

  of(port: number): readonly LoggedExchange[] {
    return this.#byPort.get(port) ?? [];
  }

  forget(): void {
    this.#byPort = new Map();
  }

  /** Listens between an engine and its core. */
  watch(options: ForwarderOptions): ForwarderOptions {
    return { ...options, decide: this.#watch(options.decide) };
  }

  #watch(decide: Decide): Decide {
    return (head) => {
      this.activity++;
      const decision = decide(head);
      const { requestId } = decision.exchange;
      const logged: LoggedExchange = { requestId, method: head.method, outcome: '', ownReason: '', status: 0 };
      const before = this.#byPort.get(head.clientPort);
      if (before === undefined) this.#byPort.set(head.clientPort, [logged]);
      else before.push(logged);
      return { ...decision, exchange: this.#listen(decision.exchange as ForwardExchange, logged) };
    };
  }

  #listen(exchange: ForwardExchange, logged: LoggedExchange): ForwardExchange {
    return new Proxy(exchange, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          this.activity++;
          if (name === 'answered') [logged.status, logged.ownReason] = args as [number, string];
          if (name === 'end') logged.outcome = (args[0] as { kind: string }).kind;
          return Reflect.apply(value, target, args);
        };
      },
    });
  }
}
