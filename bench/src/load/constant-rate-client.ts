import { connect, type Socket } from 'node:net';
import type { RateOrder, RateReport } from './constant-rate.ts';

interface Connection {
  readonly socket: Socket;
  /** When the request that is open was due, in ms; undefined when none is. */
  dueMs: number | undefined;
  /** The head so far, and then the bytes of the body that are still to come. */
  head: string;
  left: number;
}

const TICK_MS = 1;
const SUCCESS = /^HTTP\/1\.1 2\d\d /;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/**
 * Asks at a constant rate, whatever the answers do: a request that finds no free connection waits, and its wait counts
 * (no coordinated omission). Runs as a process of its own, is sent a RateOrder, and answers a RateReport.
 */
class ConstantRate {
  readonly #order: RateOrder;
  readonly #connections: Connection[] = [];
  readonly #free: Connection[] = [];
  readonly #waiting: number[] = [];
  readonly #answers: [dueMs: number, tookMs: number][] = [];
  #asked = 0;
  #sent = 0;
  #failed = 0;

  constructor(order: RateOrder) {
    this.#order = order;
  }

  async run(): Promise<RateReport> {
    for (let index = 0; index < this.#order.connections; index++) this.#free.push(await this.#connect());
    const startMs = performance.now();
    const ticking = setInterval(() => this.#tick(performance.now() - startMs), TICK_MS);
    await new Promise((resolve) => setTimeout(resolve, this.#order.seconds * 1_000));
    clearInterval(ticking);
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const { socket } of this.#connections) socket.destroy();
    const unanswered = this.#waiting.length + this.#connections.filter(({ dueMs }) => dueMs !== undefined).length;
    return { answers: this.#answers, failed: this.#failed + unanswered, timeOriginMs: performance.timeOrigin };
  }

  #connect(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: this.#order.port, noDelay: true });
      const connection: Connection = { socket, dueMs: undefined, head: '', left: 0 };
      this.#connections.push(connection);
      socket.once('connect', () => resolve(connection));
      socket.once('error', reject);
      socket.on('close', () => this.#failed++);
      socket.on('data', (bytes) => this.#read(connection, bytes));
    });
  }

  #tick(elapsedMs: number): void {
    const due = Math.floor((elapsedMs / 1_000) * this.#order.perSecond);
    for (; this.#asked < due; this.#asked++) this.#waiting.push(performance.now());
    while (this.#waiting.length > 0 && this.#free.length > 0) this.#ask(this.#free.shift()!, this.#waiting.shift()!);
  }

  #ask(connection: Connection, dueMs: number): void {
    connection.dueMs = dueMs;
    connection.head = '';
    connection.left = -1;
    connection.socket.write(this.#nextRequest());
  }

  #nextRequest(): string {
    const sent = this.#sent++;
    const given = this.#order.requests;
    return given?.[sent % given.length] ?? `GET /k?item=${sent} HTTP/1.1\r\nHost: a.example.com\r\n\r\n`;
  }

  #read(connection: Connection, bytes: Buffer): void {
    if (connection.left >= 0) connection.left -= bytes.length;
    else {
      connection.head += bytes.toString('latin1');
      const end = connection.head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(CONTENT_LENGTH.exec(connection.head)?.[1] ?? NaN);
      connection.left = length - (connection.head.length - end - 4);
      if (!SUCCESS.test(connection.head)) this.#failed++;
    }
    if (connection.left === 0) this.#done(connection);
  }

  #done(connection: Connection): void {
    const now = performance.now();
    this.#answers.push([connection.dueMs ?? now, now - (connection.dueMs ?? now)]);
    connection.dueMs = undefined;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(connection);
    else this.#ask(connection, next);
  }
}

process.once('message', (order) => {
  new ConstantRate(order as RateOrder).run().then(
    (report) => process.send?.(report, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
