import { Agent, request } from 'node:http';
import { waitUntil } from './wait-until.ts';

export interface SteadyLoadOptions {
  readonly port: number;
  readonly host: string;
  readonly requestsPerSecond: number;
  /** What the request of this number asks for, from 1 on. Default: GET of /. */
  readonly ask?: (number: number) => AskedRequest;
  /** Whether the failure of a request was to be expected: it is counted for itself. Default: none is. */
  readonly excuses?: (number: number, failure: string) => boolean;
}

export interface AskedRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
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
  #excused = 0;

  constructor(options: SteadyLoadOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS);
  }

  /** Requests that were answered with 200. */
  get answered(): number {
    return this.#answered;
  }

  /** Requests whose failure was to be expected. */
  get excused(): number {
    return this.#excused;
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
    const isDone = (): boolean => this.#answered + this.#failed + this.#excused === this.#sent;
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
    const number = ++this.#sent;
    const { port, host, ask } = this.#options;
    const { method = 'GET', path = '/', headers, body } = ask?.(number) ?? {};
    const to = { agent: this.#agent, host: '127.0.0.1', port, method, path };
    const sent = request({ ...to, headers: { ...headers, host }, timeout: 20_000 });
    const fail = (what: string): void => this.#fail(number, what);
    sent.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => (text += answer.statusCode === 200 ? '' : piece));
      answer.on('error', (error) => fail(`cut: ${String(error)}`));
      answer.on('end', () => {
        if (answer.statusCode === 200) this.#answered++;
        else fail(`answered ${answer.statusCode} ${text}`);
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 20 s')));
    sent.on('error', (error) => fail(`${String(error)} (${sent.reusedSocket ? 'kept' : 'new'} connection)`));
    sent.end(body);
  }

  #fail(number: number, what: string): void {
    if (this.#options.excuses?.(number, what) === true) {
      this.#excused++;
      return;
    }
    this.#failed++;
    if (this.#failures.length < KEPT_FAILURES) this.#failures.push(what);
  }
}
