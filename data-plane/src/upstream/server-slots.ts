/** Verdicts by number, as they stand in `ServerSlots.verdicts`. */
export const verdict = { unknown: 0, healthy: 1, unhealthy: 2 } as const;
export type VerdictNumber = (typeof verdict)[keyof typeof verdict];

/** One server for as long as it is known: the same object and slot in every snapshot that contains it. */
export interface ServerSlot {
  /** `backend/address:port` */
  readonly key: string;
  readonly backend: string;
  readonly address: string;
  readonly port: number;
  /** Index into the arrays of `ServerSlots`. */
  readonly slot: number;
}

/**
 * What is known about servers, by slot in typed arrays. A slot belongs to a server's key and survives every snapshot
 * that still contains it; it is freed when the server has left the configuration and its last request has ended, so
 * that a late answer never counts for another server.
 */
export class ServerSlots {
  /** A VerdictNumber for each slot. */
  verdicts = new Uint8Array(64);
  /** Requests and tunnels under way. */
  inFlight = new Int32Array(64);
  /** Current weight of the smooth weighted order. */
  smoothWeights = new Int32Array(64);
  /**
   * The server that each slot takes new requests for; undefined when it drains or is free. A request that began under
   * an older table sees here that a server has left since, and never counts for the server that took its slot over.
   */
  readonly current: (ServerSlot | undefined)[] = [];

  readonly #byKey = new Map<string, ServerSlot>();
  readonly #retired = new Set<ServerSlot>();
  readonly #freed = new Set<(server: ServerSlot) => void>();
  readonly #free: number[] = [];
  #used = 0;

  /** The slot of a server, made when it is new. A server that left and came back in time has its old one. */
  acquire(server: {
    readonly key: string;
    readonly backend: string;
    readonly address: string;
    readonly port: number;
  }): ServerSlot {
    const known = this.#byKey.get(server.key);
    if (known !== undefined) {
      this.#retired.delete(known);
      this.current[known.slot] = known;
      return known;
    }
    const { key, backend, address, port } = server;
    const made: ServerSlot = Object.freeze({ key, backend, address, port, slot: this.#free.pop() ?? this.#grow() });
    this.#byKey.set(key, made);
    this.current[made.slot] = made;
    return made;
  }

  get(key: string): ServerSlot | undefined {
    return this.#byKey.get(key);
  }

  /** The server has left the configuration: its slot goes as soon as nothing is in flight. */
  retire(key: string): void {
    const known = this.#byKey.get(key);
    if (known === undefined) return;
    this.#retired.add(known);
    this.current[known.slot] = undefined;
    this.#freeIfDone(known);
  }

  isRetired(server: ServerSlot): boolean {
    return this.current[server.slot] !== server;
  }

  /** Calls back when a server's slot is freed: it has left, and nothing of it is under way. Returns how to stop. */
  onFreed(listener: (server: ServerSlot) => void): () => void {
    this.#freed.add(listener);
    return () => this.#freed.delete(listener);
  }

  /** A request or tunnel begins, at a server that was picked in the same turn. Every begin needs exactly one end. */
  begin(server: ServerSlot): void {
    this.inFlight[server.slot]!++;
  }

  end(server: ServerSlot): void {
    this.inFlight[server.slot]!--;
    if (this.#retired.size > 0) this.#freeIfDone(server);
  }

  /** Number of servers that are known, those that drain included. */
  get size(): number {
    return this.#byKey.size;
  }

  /** Every server that is known, those that drain included. */
  values(): IterableIterator<ServerSlot> {
    return this.#byKey.values();
  }

  #freeIfDone(server: ServerSlot): void {
    if (!this.#retired.has(server) || this.inFlight[server.slot] !== 0) return;
    this.#retired.delete(server);
    this.#byKey.delete(server.key);
    this.verdicts[server.slot] = verdict.unknown;
    this.smoothWeights[server.slot] = 0;
    this.#free.push(server.slot);
    for (const listener of this.#freed) listener(server);
  }

  #grow(): number {
    const slot = this.#used++;
    if (slot === this.verdicts.length) {
      this.verdicts = enlarged(this.verdicts, new Uint8Array(slot * 2));
      this.inFlight = enlarged(this.inFlight, new Int32Array(slot * 2));
      this.smoothWeights = enlarged(this.smoothWeights, new Int32Array(slot * 2));
    }
    return slot;
  }
}

function enlarged<A extends Uint8Array | Int32Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
