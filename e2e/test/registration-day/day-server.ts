import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { numberHeader, workMs } from './day-requests.ts';
import type { RequestLedger } from './request-ledger.ts';

export interface DayServerOptions {
  readonly name: string;
  readonly ledger: RequestLedger;
  /** Says to the control plane that it is there, whatever is answered. */
  readonly beat: (port: number) => Promise<unknown>;
  /** How long a heartbeat counts, in milliseconds. */
  readonly leaseMs: number;
}

/** A third of the shortest lease. */
const BEAT_MS = 1_000;

/** A server that registers itself and stays registered by heartbeats, does the work of a day, and ends as servers do. */
export class DayServer {
  readonly name: string;
  readonly #options: DayServerOptions;
  readonly #server: Server;
  #heart: NodeJS.Timeout | undefined;
  #underWay = 0;
  #answered = 0;
  #port = 0;

  constructor(options: DayServerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.#serve(request, response));
  }

  get port(): number {
    return this.#port;
  }

  get endpoint(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get leaseMs(): number {
    return this.#options.leaseMs;
  }

  get answered(): number {
    return this.#answered;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Listens, and beats from now on. */
  async start(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    const { beat } = this.#options;
    this.#heart = setInterval(() => void beat(this.#port).catch(() => undefined), BEAT_MS);
  }

  /** Beats no more; the work goes on. */
  silence(): void {
    clearInterval(this.#heart);
  }

  /** Ends at once, without a word, and takes everything under way along. */
  async crash(): Promise<void> {
    this.#options.ledger.crashes(this.name);
    await this.#end();
  }

  /** Ends when nothing is under way. To be called when nobody sends anything any more. */
  async stop(): Promise<void> {
    if (this.#underWay > 0) throw new Error(`${this.name} still has ${this.#underWay} requests under way`);
    await this.#end();
  }

  async #end(): Promise<void> {
    this.silence();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const number = Number(request.headers[numberHeader]);
    if (Number.isNaN(number)) return void response.end(); // a health check
    const { ledger } = this.#options;
    this.#underWay++;
    ledger.reaches(number, this.name);
    response.on('close', () => {
      this.#underWay--;
      ledger.leaves(number, this.name);
    });
    request.on('error', () => response.destroy());
    request.resume();
    this.#work(request.url ?? '', { begin: () => this.#begin(number, response), end: () => this.#finish(response) });
  }

  #work(path: string, { begin, end }: { readonly begin: () => void; readonly end: () => void }): void {
    const { '/think': think, '/order': order, '/stream': stream } = workMs;
    const later = (ms: number, then: () => void): void => void setTimeout(then, ms);
    switch (path) {
      case '/think':
      case '/order':
        return later(path === '/think' ? think : order, () => {
          begin();
          end();
        });
      case '/stream':
        begin();
        return later(stream, end);
      default:
        begin();
        end();
    }
  }

  #begin(number: number, response: ServerResponse): void {
    if (response.destroyed) return;
    this.#options.ledger.begins(number, this.name);
    response.writeHead(200, { 'content-type': 'text/plain', 'x-server': this.name });
    response.write(`${this.name} begins\n`);
  }

  #finish(response: ServerResponse): void {
    if (response.destroyed) return;
    this.#answered++;
    response.end('and ends\n');
  }
}
