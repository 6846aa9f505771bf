import { setTimeout as delay } from 'node:timers/promises';
import { KeepAliveClient } from './keep-alive-client.ts';
import { waitUntil } from './wait-until.ts';

export interface TrafficOptions {
  readonly port: number;
  readonly host: string;
  /** Between an answer and the next request. Default 2. */
  readonly pauseMs?: number;
}

/** Requests, one after the other on one connection, that must all succeed, whatever happens to the control plane. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #client: KeepAliveClient;
  readonly #failures: string[] = [];
  readonly #done: Promise<void>;
  #answered = 0;
  #stopped = false;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#client = new KeepAliveClient(options.port);
    this.#done = this.#run();
  }

  /** Requests that were answered with 200. */
  get answered(): number {
    return this.#answered;
  }

  /** Waits until so many more requests have been answered: what is tested goes on for some time, under traffic. */
  async more(requests: number): Promise<void> {
    const target = this.#answered + requests;
    await waitUntil(`${requests} more requests are answered`, () => this.#answered >= target, 60_000);
  }

  /** Ends it. Everything that went wrong, a connection that was cut included; empty when nothing did. */
  async stop(): Promise<readonly string[]> {
    this.#stopped = true;
    await this.#done;
    this.#client.close();
    const cuts = this.#client.connections - 1;
    return cuts > 0 ? [...this.#failures, `the connection was cut ${cuts} times`] : this.#failures;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const failure = await this.#client.get(this.#options.host).then(
        (answer) => (answer.status === 200 ? undefined : `${answer.status} ${answer.body}`),
        (error: unknown) => String(error),
      );
      if (failure === undefined) this.#answered++;
      else this.#failures.push(failure);
      await delay(this.#options.pauseMs ?? 2);
    }
  }
}
