/** Anything that is probed, under the name of its backend. */
export interface Queued {
  readonly backend: string;
  /** Probes of its backend that may be in flight at once; the newest one to come counts for all. */
  readonly concurrency: number;
}

export interface ProbeQueueOptions<T> {
  /** Probes in flight at once, for all backends. */
  readonly total: number;
  /** Begins a probe; `release` is called when it has ended. */
  readonly start: (item: T) => void;
}

interface Lane<T> {
  readonly name: string;
  /** In order of arrival. */
  readonly waiting: Set<T>;
  running: number;
  limit: number;
}

/**
 * Keeps the number of probes in flight within its limits. Who has to wait does so in a lane for each backend, first
 * come, first served; lanes take turns, so that a backend with thousands of servers, or with servers that only time
 * out, holds back no other.
 */
export class ProbeQueue<T extends Queued> {
  readonly #options: ProbeQueueOptions<T>;
  readonly #lanes = new Map<string, Lane<T>>();
  /** Lanes that have somebody waiting and may start one more, in order of their turn. */
  readonly #ready = new Set<Lane<T>>();
  #running = 0;
  #waiting = 0;

  constructor(options: ProbeQueueOptions<T>) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Starts the item now or when it is its turn. */
  add(item: T): void {
    const lane = this.#laneOf(item.backend);
    if (lane.waiting.has(item)) return;
    lane.limit = item.concurrency;
    lane.waiting.add(item);
    this.#waiting++;
    this.#settle(lane);
    this.#startAll();
  }

  /** Takes an item out that is waiting. One that has been started goes on until it is released. */
  remove(item: T): void {
    const lane = this.#lanes.get(item.backend);
    if (lane?.waiting.delete(item) !== true) return;
    this.#waiting--;
    this.#settle(lane);
  }

  /** A probe that was started has ended. Once for each start. */
  release(item: T): void {
    const lane = this.#laneOf(item.backend);
    lane.running--;
    this.#running--;
    this.#settle(lane);
    this.#startAll();
  }

  #startAll(): void {
    for (const lane of this.#ready) {
      if (this.#running >= this.#options.total) return;
      this.#ready.delete(lane); // goes to the end of the turns
      this.#startNext(lane);
    }
  }

  #startNext(lane: Lane<T>): void {
    const [next] = lane.waiting;
    lane.waiting.delete(next!);
    this.#waiting--;
    lane.running++;
    this.#running++;
    this.#settle(lane);
    this.#options.start(next!);
  }

  /** Puts the lane where it belongs after it has changed; one that is empty and idle goes. */
  #settle(lane: Lane<T>): void {
    if (lane.waiting.size > 0 && lane.running < lane.limit) this.#ready.add(lane);
    else this.#ready.delete(lane);
    if (lane.waiting.size === 0 && lane.running === 0) this.#lanes.delete(lane.name);
  }

  #laneOf(name: string): Lane<T> {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const made: Lane<T> = { name, waiting: new Set(), running: 0, limit: 1 };
    this.#lanes.set(name, made);
    return made;
  }
}
