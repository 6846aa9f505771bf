/** Servers that there is room for, those that drain included: 18 MB and 4 MB for each thread, of which pages that are used count. */
export const MOST_SERVERS = 2 ** 20;
/** And backends. */
export const MOST_BACKENDS = 2 ** 18;

/** What is counted of one backend, by its place. */
export const cell = { inFlight: 0, retries: 1, waiting: 2 } as const;
export const CELL_SIZE = 3;

/** What stands in `clients`. */
export const CONNECTIONS = 0;

/** What one thread has added to the counts of all, so that it can be taken off when the thread is gone. */
export interface ThreadRow {
  /** By slot. */
  readonly inFlight: Int32Array;
  /** By backend, as `SharedCounts.traffic`. */
  readonly traffic: Int32Array;
  readonly clients: Int32Array;
  /** Since when the one in front waits who can use any server, by backend; 0 for nobody. By the clock of all threads. */
  readonly waitingSinceMs: Float64Array;
}

/**
 * What all threads know and count together, in memory that they share. Which slot and place is whose the main thread
 * says. Its size is fixed: arrays that grow in place are read many times slower, and copies of others would lose counts.
 * The system gives memory to what is used of it.
 */
export interface SharedCounts {
  /** By slot, as in `ServerSlots`. */
  readonly verdicts: Uint8Array;
  readonly ejected: Uint8Array;
  readonly inFlight: Int32Array;
  readonly rampStartedMs: Float64Array;
  /** Failures in a row, by slot. */
  readonly failures: Int32Array;
  /** By backend: `CELL_SIZE` numbers, by `cell`. */
  readonly traffic: Int32Array;
  /** By `CONNECTIONS`. */
  readonly clients: Int32Array;
  /** 1 for threads that were told that something is free for them, and have not looked yet. */
  readonly woken: Int32Array;
  /** By number of the thread. */
  readonly rows: readonly ThreadRow[];
}

/** Room for so many threads. It can be posted to them, and stays the same memory. */
export function createSharedCounts(threads: number): SharedCounts {
  return {
    verdicts: new Uint8Array(new SharedArrayBuffer(MOST_SERVERS)),
    ejected: new Uint8Array(new SharedArrayBuffer(MOST_SERVERS)),
    inFlight: integers(MOST_SERVERS),
    rampStartedMs: floats(MOST_SERVERS),
    failures: integers(MOST_SERVERS),
    traffic: integers(MOST_BACKENDS * CELL_SIZE),
    clients: integers(1),
    woken: integers(threads),
    rows: Array.from({ length: threads }, createRow),
  };
}

function createRow(): ThreadRow {
  return {
    inFlight: integers(MOST_SERVERS),
    traffic: integers(MOST_BACKENDS * CELL_SIZE),
    clients: integers(1),
    waitingSinceMs: floats(MOST_BACKENDS),
  };
}

function integers(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

function floats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}

/**
 * Adds to a count of all threads and to the thread's own. A thread is stopped where functions are called or loops begin
 * anew, never between these two steps, so that both are always of the same mind.
 */
export function count(total: Int32Array, own: Int32Array, at: number, by: number): number {
  own[at]! += by;
  return Atomics.add(total, at, by) + by;
}

/** Takes off what a thread has added that is gone. The first so many slots and backends are looked at. */
export function returnCounts(counts: SharedCounts, thread: number, used: { slots: number; backends: number }): void {
  const row = counts.rows[thread]!;
  takeOff(counts.inFlight, row.inFlight, used.slots);
  takeOff(counts.traffic, row.traffic, used.backends * CELL_SIZE);
  takeOff(counts.clients, row.clients, row.clients.length);
  row.waitingSinceMs.fill(0, 0, used.backends);
  counts.woken[thread] = 0;
}

function takeOff(total: Int32Array, own: Int32Array, length: number): void {
  for (let at = 0; at < length; at++) {
    if (own[at] === 0) continue;
    Atomics.sub(total, at, own[at]!);
    own[at] = 0;
  }
}
