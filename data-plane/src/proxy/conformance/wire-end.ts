import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ByteLog } from './byte-log.ts';

/** The other side ended or reset the connection while more was wanted of it. */
export class WireCut extends Error {}

const EXCERPT = 600;
const PATIENCE_MS = 20_000;

/**
 * One end of a TCP connection, held by a test: it keeps every byte that came, reads on demand, and does to the wire
 * whatever it is told. Text stands for bytes, one character each.
 */
export class WireEnd {
  readonly received = new ByteLog();
  /** How the other side finished: `end` by FIN, `reset` by RST. */
  ending: 'open' | 'end' | 'reset' = 'open';
  /** Bytes that the system has taken over from `send` and `pour`. */
  accepted = 0;
  /** Whether to go on sending after the other side's FIN. Else this side closes as well, as most programs do. */
  halfOpen = false;
  readonly socket: Socket;
  readonly #name: string;
  #deadlineMs: number;
  readonly #watchers = new Set<() => void>();
  #cursor = 0;

  constructor(socket: Socket, name: string, deadlineMs: number) {
    this.socket = socket;
    this.#name = name;
    this.#deadlineMs = deadlineMs;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#changed(() => this.received.append(bytes)));
    socket.on('end', () => this.#changed(() => this.#ended()));
    socket.on('error', () => this.#changed(() => (this.ending = 'reset')));
    socket.on('close', () => this.#changed(() => (this.ending = this.ending === 'open' ? 'end' : this.ending)));
  }

  /** What came after what was read so far. */
  get unread(): string {
    return this.received.text(this.#cursor);
  }

  send(bytes: string | Buffer): void {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    this.socket.write(buffer, () => (this.accepted += buffer.length));
  }

  /** Sends each piece in a segment of its own, as far as the system allows. */
  async sendPieces(pieces: Iterable<string>): Promise<void> {
    for (const piece of pieces) {
      this.send(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Sends a byte every so often until all are sent or the connection is gone. */
  async drip(text: string, everyMs: number): Promise<void> {
    for (const byte of text) {
      if (this.ending !== 'open') return;
      this.send(byte);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  /** Sends much, as fast as the other side takes it; ends early when the connection does. */
  async pour(bytes: Buffer, pieceBytes = 65_536): Promise<void> {
    for (let at = 0; at < bytes.length && !this.socket.destroyed; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      await new Promise<void>((resolve) => this.socket.write(piece, () => resolve()));
      this.accepted += piece.length;
    }
  }

  /** Stops taking bytes off the wire. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Waits longer from now on: much has to come. */
  patiently(): this {
    this.#deadlineMs = Math.max(this.#deadlineMs, PATIENCE_MS);
    return this;
  }

  /** FIN: this side sends no more. */
  end(): void {
    this.socket.end();
  }

  /** RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The next bytes, exactly as many. */
  async take(count: number): Promise<Buffer> {
    await this.#more(() => this.received.length >= this.#cursor + count, `${count} bytes`);
    return this.#advance(this.#cursor + count);
  }

  /** The next bytes up to and with a delimiter. */
  async takeThrough(delimiter: string): Promise<string> {
    let [at, scanned] = [-1, this.#cursor];
    await this.#more(() => {
      at = this.received.indexOf(delimiter, scanned);
      scanned = Math.max(this.#cursor, this.received.length - delimiter.length);
      return at >= 0;
    }, JSON.stringify(delimiter));
    return this.#advance(at + delimiter.length).toString('latin1');
  }

  /** All that comes until the other side ends by FIN. */
  async takeRest(): Promise<Buffer> {
    await this.until(() => this.ending !== 'open', 'the end of the connection');
    if (this.ending === 'reset') throw new WireCut(this.#describe('the connection was reset'));
    return this.#advance(this.received.length);
  }

  /** Resolves with the way in which the other side finished. */
  async closed(): Promise<'end' | 'reset'> {
    await this.until(() => this.ending !== 'open', 'the other side to close');
    return this.ending === 'reset' ? 'reset' : 'end';
  }

  /** Waits for a condition that the wire makes true. */
  async until(condition: () => boolean, what: string): Promise<void> {
    if (condition()) return;
    let timer: NodeJS.Timeout | undefined;
    let watcher: (() => void) | undefined;
    const met = new Promise<void>((resolve, reject) => {
      watcher = () => condition() && resolve();
      this.#watchers.add(watcher);
      const late = (): void => reject(new Error(this.#describe(`waited ${this.#deadlineMs} ms for ${what}`)));
      timer = setTimeout(late, this.#deadlineMs);
    });
    await met.finally(() => {
      clearTimeout(timer);
      this.#watchers.delete(watcher!);
    });
  }

  async #more(condition: () => boolean, what: string): Promise<void> {
    let met = false;
    await this.until(() => (met = condition()) || this.ending !== 'open', what);
    if (!met) throw new WireCut(this.#describe(`the connection was over (${this.ending}) before ${what}`));
  }

  #advance(to: number): Buffer {
    const bytes = this.received.bytes(this.#cursor, to);
    this.#cursor = to;
    return bytes;
  }

  /** Sockets are to be made with allowHalfOpen, so that this decides. */
  #ended(): void {
    this.ending = 'end';
    if (!this.halfOpen) this.socket.end();
  }

  #changed(change: () => void): void {
    change();
    for (const watcher of [...this.#watchers]) watcher();
  }

  #describe(problem: string): string {
    return `${this.#name}: ${problem}; unread: ${JSON.stringify(this.unread.slice(0, EXCERPT))}`;
  }
}

/** Resolves when the socket is connected; rejects when that fails. */
export async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect');
  return socket;
}
