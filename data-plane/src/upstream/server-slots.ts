import { isIP } from 'node:net';

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
  /** Whether the address is a name, which is looked up beforehand. */
  readonly named: boolean;
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
  verdicts: Uint8Array = new Uint8Array(64);
  /** 1 for servers that failed requests have taken out for a while. */
  ejected: Uint8Array = new Uint8Array(64);
  /** Requests and tunnels under way. */
  inFlight: Int32Array = new Int32Array(64);
  /** When the server's slow start began, by the monotonic clock; 0 for servers that are not starting. */
  rampStartedMs: Float64Array = new Float64Array(64);
  /** When the server's next turn is due in the smooth order: whole rounds of virtual time. */
  dueRounds = new Float64Array(64);
  /** And the part of a round beyond them, in steps that `dueWeights` measures. */
  dueSteps = new Int32Array(64);
  /** The weight that the steps are of; 0 for servers that have no place in a smooth order yet. */
  dueWeights = new Int32Array(64);
  /**
   * The server that each slot takes new requests for; undefined when it has left, is disabled, or when the slot is free.
   * A request that began under an older table sees here that a server has left since, and never counts for the server
   * that took its slot over.
   */
  readonly current: (ServerSlot | undefined)[] = [];

  /** Whose each slot is, those that drain or are disabled included. */
  readonly #bySlot: (ServerSlot | undefined)[] = [];
  readonly #byKey = new Map<string, ServerSlot>();
  readonly #retired = new Set<ServerSlot>();
  /** Configured, and disabled. */
  readonly #suspended = new Set<ServerSlot>();
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
    const named = isIP(address) === 0;
    const made: ServerSlot = Object.freeze({ key, backend, address, port, named, slot: this.allot(key) });
    this.#byKey.set(key, made);
    this.#bySlot[made.slot] = made;
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
    this.#suspended.delete(known);
    this.#retired.add(known);
    this.current[known.slot] = undefined;
    this.left(known);
  }

  /** The server is disabled: it keeps its slot, and takes no new requests until `resume`. */
  suspend(server: ServerSlot): void {
    if (this.#byKey.get(server.key) !== server || this.#retired.has(server)) return;
    this.#suspended.add(server);
    this.current[server.slot] = undefined;
    this.left(server);
  }

  /** The server is no longer disabled. What is under way there goes on. */
  resume(server: ServerSlot): void {
    if (this.#suspended.delete(server)) this.current[server.slot] = server;
  }

  /** Whether it takes no new requests at all: it has left, or is disabled. */
  isRetired(server: ServerSlot): boolean {
    return this.current[server.slot] !== server;
  }

  /**
   * Calls back when nothing of a server is under way that takes no new requests: it has left, and its slot is free for
   * others now, or it is disabled. Returns how to stop.
   */
  onFreed(listener: (server: ServerSlot) => void): () => void {
    this.#freed.add(listener);
    return () => this.#freed.delete(listener);
  }

  /**
   * A request or tunnel begins, at a server that was picked in the same turn. Every begin needs exactly one end. False,
   * and nothing has begun, when the server has reached `limit` since it was picked, which other threads can bring about;
   * 0 is unlimited.
   */
  begin(server: ServerSlot, _limit = 0): boolean {
    this.inFlight[server.slot]!++;
    return true;
  }

  end(server: ServerSlot): void {
    this.inFlight[server.slot]!--;
    if (this.#retired.size > 0 || this.#suspended.size > 0) this.left(server);
  }

  /** Number of servers that are known, those that drain included. */
  get size(): number {
    return this.#byKey.size;
  }

  /** Every server that is known, those that drain included. */
  values(): IterableIterator<ServerSlot> {
    return this.#byKey.values();
  }

  /** Servers at which anything is under way, those that drain included, and how much. Costs a look at each slot. */
  *busy(): Generator<readonly [key: string, inFlight: number]> {
    for (let slot = 0; slot < this.#bySlot.length; slot++) {
      const inFlight = this.inFlight[slot]!;
      const server = inFlight > 0 ? this.#bySlot[slot] : undefined;
      if (server !== undefined) yield [server.key, inFlight];
    }
  }

  /** The number of a server that is new. */
  protected allot(_key: string): number {
    const slot = this.#free.pop() ?? this.#used++;
    this.reserve(slot);
    return slot;
  }

  /** Makes room for what is known by this slot. */
  protected reserve(slot: number): void {
    if (slot < this.verdicts.length) return;
    const size = slot * 2;
    this.verdicts = enlarged(this.verdicts, new Uint8Array(size));
    this.ejected = enlarged(this.ejected, new Uint8Array(size));
    this.inFlight = enlarged(this.inFlight, new Int32Array(size));
    this.rampStartedMs = enlarged(this.rampStartedMs, new Float64Array(size));
    this.reserveTurns(size);
  }

  /** Makes room for the turns of a smooth order, up to below this slot. */
  protected reserveTurns(size: number): void {
    this.dueRounds = enlarged(this.dueRounds, new Float64Array(size));
    this.dueSteps = enlarged(this.dueSteps, new Int32Array(size));
    this.dueWeights = enlarged(this.dueWeights, new Int32Array(size));
  }

  /** Nothing is known any more by this slot, which is free for another server. */
  protected giveBack(slot: number): void {
    this.verdicts[slot] = verdict.unknown;
    this.ejected[slot] = 0;
    this.rampStartedMs[slot] = 0;
    this.#free.push(slot);
  }

  /** A server takes no new requests, or one of its last has ended. */
  protected left(server: ServerSlot): void {
    if (this.inFlight[server.slot] === 0) this.settle(server);
  }

  /** Nothing is under way at a server. */
  protected settle(server: ServerSlot): void {
    if (this.#retired.has(server)) this.#release(server);
    else if (!this.#suspended.has(server)) return;
    for (const listener of this.#freed) listener(server);
  }

  /** Whether the server has left the configuration or is disabled, and is waited for. */
  protected isLeaving(server: ServerSlot): boolean {
    return this.#retired.has(server) || this.#suspended.has(server);
  }

  #release(server: ServerSlot): void {
    this.#retired.delete(server);
    this.#byKey.delete(server.key);
    this.#bySlot[server.slot] = undefined;
    this.dueWeights[server.slot] = 0;
    this.giveBack(server.slot);
  }
}

function enlarged<A extends Uint8Array | Int32Array | Float64Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
