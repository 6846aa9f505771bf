import type { AdmissionQueue } from './admission-queue.ts';
import type { OtherLines } from './other-lines.ts';

/** What is under way for one backend. Lives as long as the backend, across snapshots. */
export class BackendTraffic {
  /** Made when a request first has to wait. */
  queue: AdmissionQueue | undefined;
  /** The queues of other threads; undefined where there are none. */
  readonly others: OtherLines | undefined = undefined;
  #inFlight = 0;
  #retries = 0;

  /** Requests and tunnels that have a server. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Retries that are under way or wait for a server: what the retry budget is measured by. */
  get retries(): number {
    return this.#retries;
  }

  /** Requests that wait for a server. */
  get waiting(): number {
    return this.queue?.length ?? 0;
  }

  /** Something of the backend has come free: whoever has waited longest gets it. */
  freed(): void {
    this.others?.wakeFirst();
    this.queue?.serve();
  }

  /** A request gets a server. Every begin needs exactly one end. */
  begin(): void {
    this.#inFlight++;
  }

  end(): void {
    this.#inFlight--;
  }

  /** A retry begins. Every one needs exactly one end. */
  retryBegins(): void {
    this.#retries++;
  }

  retryEnds(): void {
    this.#retries--;
  }
}
