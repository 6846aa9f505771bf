import type { Worker } from 'node:worker_threads';
import { takeOverCounts } from '../proxy/changed-counts.ts';
import { ProxyMetrics } from '../proxy/proxy-metrics.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

export interface ThreadHandleOptions {
  /** From 0. */
  readonly number: number;
  readonly worker: Worker;
  /** After the handle has taken note of it. */
  readonly onMessage: (message: FromThread) => void;
  /** Once. Nothing of the thread runs any more. */
  readonly onGone: (reason: string) => void;
}

/**
 * A thread as the main thread sees it. What is posted before the thread has its first snapshot waits for that.
 */
export class ThreadHandle {
  readonly number: number;
  /** What it has counted, as far as it has told. */
  readonly counts = new ProxyMetrics();
  /** Numbers of the last changes that it has prepared, serves, and has done with. */
  prepared = -1;
  committed = -1;
  settled = -1;
  /** Whether it was told to listen: from then on changes wait for it. */
  isServing = false;
  isListening = false;
  isStopped = false;
  isGone = false;
  /** Of the last question about counts that was answered. */
  answered = 0;
  readonly #worker: Worker;
  #waiting: ToThread[] | undefined = [];
  #failure = '';

  constructor({ number, worker, onMessage, onGone }: ThreadHandleOptions) {
    this.number = number;
    this.#worker = worker;
    worker.on('message', (message: FromThread) => {
      this.#note(message);
      onMessage(message);
    });
    worker.on('error', (error: unknown) => (this.#failure = error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => {
      this.isGone = true;
      onGone(this.#failure === '' ? `exit code ${code}` : this.#failure);
    });
  }

  /** Posts what it begins with, then what has been waiting for that. */
  load(message: ToThread): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const each of [message, ...waiting]) this.#worker.postMessage(each);
  }

  post(message: ToThread): void {
    if (this.#waiting === undefined) this.#worker.postMessage(message);
    else this.#waiting.push(message);
  }

  /** Ends it at once, whatever it does. */
  async terminate(reason: string): Promise<void> {
    if (this.#failure === '') this.#failure = reason;
    await this.#worker.terminate();
  }

  #note(message: FromThread): void {
    switch (message.kind) {
      case 'prepared':
      case 'committed':
      case 'settled':
        this[message.kind] = message.number;
        break;
      case 'listening':
        this.isListening = true;
        break;
      case 'stopped':
        this.isStopped = true;
        break;
      case 'counts':
        takeOverCounts(this.counts, message.counts);
        this.answered = Math.max(this.answered, message.question);
        break;
      default:
    }
  }
}
