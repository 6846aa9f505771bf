import { Agent, request } from 'node:http';
import { waitUntil } from './wait-until.ts';

export interface SteadyLoadOptions {
  readonly port: number;
  readonly host: string;
  readonly requestsPerSecond: number;
}

const TICK_MS = 10;
const KEPT_FAILURES = 50;

/**
 * Requests at a constant rate, whatever becomes of those before, on connections that are kept and used in turn. A client as
 * it should be: it closes a connection when it is told so, and tries nothing again, so that every failure is seen.
 */
export class SteadyLoad {
  readonly #options: SteadyLoadOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: 'fifo' });
  readonly #failures: string[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  #sent = 0;
  #answered = 0;
  #failed = 0;

  constructor(options: SteadyLoadOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS);
  }

  /** Requests that were answered with 200. */
  get answered(): number {
    return this.#answered;
  }

  /** Answered in each second since the start, on average. */
  get rate(): number {
    return (this.#answered / (performance.now() - this.#startedAt)) * 1_000;
  }

  /** Waits until so many more requests have been answered: what is tested goes on for some time, under load. */
  async more(requests: number): Promise<void> {
    const target = this.#answered + requests;
    await waitUntil(`${requests} more requests are answered`, () => this.#answered >= target, 60_000);
  }

  /** Ends it at once, whatever is under way. */
  abort(): void {
    clearInterval(this.#timer);
    this.#agent.destroy();
  }

  /** Ends it, and says what has failed: nothing, when all went well. */
  async stop(): Promise<readonly string[]> {
    clearInterval(this.#timer);
    const isDone = (): boolean => this.#answered + this.#failed === this.#sent;
    await waitUntil('all requests have ended', isDone, 30_000);
    this.#agent.destroy();
    return this.#failed > KEPT_FAILURES ? [...this.#failures, `… ${this.#failed} have failed`] : this.#failures;
  }

  /** Sends what is due by now. */
  #catchUp(): void {
    const due = ((performance.now() - this.#startedAt) / 1_000) * this.#options.requestsPerSecond;
    while (this.#sent < due) this.#send();
  }

  #send(): void {
    this.#sent++;
    const { port, host } = this.#options;
    const sent = request({ agent: this.#agent, host: '127.0.0.1', port, headers: { host }, timeout: 20_000 });
    sent.on('response', (answer) => {
      answer.on('error', (error) => this.#fail(String(error)));
      answer.on('end', () => {
        if (answer.statusCode === 200) this.#answered++;
        else this.#fail(`answered ${answer.statusCode}`);
      });
      answer.resume();
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 20 s')));
    sent.on('error', (error) => this.#fail(`${String(error)} (${sent.reusedSocket ? 'kept' : 'new'} connection)`));
    sent.end();
  }

  #fail(what: string): void {
    this.#failed++;
    if (this.#failures.length < KEPT_FAILURES) this.#failures.push(what);
  }
}
