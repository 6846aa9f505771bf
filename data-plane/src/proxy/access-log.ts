import { every, type Clock } from '@headgate/shared/clock';
import { formatAccessEntry, type AccessEntry } from './access-entry.ts';

const FLUSH_BYTES = 32_768;
const FLUSH_INTERVAL_MS = 500;
/** What may wait for a sink that does not take it; then lines are dropped and counted, for requests come first. */
const MAX_WAITING_BYTES = 4_194_304;

/** Takes lines; false means that it wants no more until it has drained. `process.stdout` is one. */
export interface LineSink {
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

export interface AccessLogOptions {
  readonly sink: LineSink;
  readonly clock: Clock;
}

/** JSON lines, one for each request, written in blocks: when enough has come together, every half second, and at `close`. */
export class AccessLog {
  /** Lines that were lost because the sink was too slow. */
  dropped = 0;
  readonly #sink: LineSink;
  readonly #stopTimer: () => void;
  #text = '';
  #blocked = false;

  constructor({ sink, clock }: AccessLogOptions) {
    this.#sink = sink;
    this.#stopTimer = every(clock, FLUSH_INTERVAL_MS, () => this.flush());
  }

  write(entry: AccessEntry): void {
    if (this.#text.length > MAX_WAITING_BYTES) {
      this.dropped++;
      return;
    }
    this.#text += formatAccessEntry(entry);
    if (this.#text.length >= FLUSH_BYTES) this.flush();
  }

  /** Hands over what has come together, unless the sink is still busy with what it got before. */
  flush(): void {
    if (!this.#blocked) this.#handOver();
  }

  /** Hands over everything, busy or not. Call it when the last request has ended. */
  close(): void {
    this.#stopTimer();
    this.#handOver();
  }

  #handOver(): void {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (this.#sink.write(text) || this.#blocked) return;
    this.#blocked = true;
    this.#sink.once('drain', () => {
      this.#blocked = false;
      this.flush();
    });
  }
}
