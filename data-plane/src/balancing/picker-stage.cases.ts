import { ManualClock } from '@headgate/shared/manual-clock';
import { balanceDefaults, type Algorithm, type Balance } from '@headgate/shared/model/balance';
import { resolveLimits } from '@headgate/shared/model/limits';
import { ServerSlots, verdict, type ServerSlot, type VerdictNumber } from '../upstream/server-slots.ts';
import { Availability } from './availability.ts';
import type { Candidate } from './candidate.ts';
import { createPicker } from './create-picker.ts';
import { PickPosition } from './pick-position.ts';
import type { PickContext, Picker, PickResult } from './picker.ts';
import { beginRamp } from './slow-start.ts';

/** How properties are tried: the same cases every time. */
export const runs = { seed: 5, numRuns: 100 };

/** What a server is in a test: its weight, or more of it. */
export type ServerOfStage = number | { readonly weight?: number; readonly priority?: number };

export interface StageOptions {
  readonly balance?: Partial<Balance>;
  readonly failOpen?: boolean;
  readonly slowStartMs?: number;
  readonly requestsPerServer?: number;
  readonly seed?: number;
}

/** One backend with a picker, as a table would hold it. */
export class PickerStage {
  readonly slots = new ServerSlots();
  readonly clock = new ManualClock();
  readonly position = new PickPosition();
  readonly traffic = { inFlight: 0 };
  readonly #algorithm: Algorithm;
  readonly #options: StageOptions;
  readonly #random: () => number;
  candidates: readonly Candidate[] = [];
  availability!: Availability;
  picker!: Picker;

  constructor(
    algorithm: Algorithm,
    servers: Readonly<Record<string, ServerOfStage>>,
    { seed = 1, ...options }: StageOptions = {},
  ) {
    this.#algorithm = algorithm;
    this.#options = options;
    this.#random = seededRandom(seed);
    this.recompile(servers);
  }

  /** The next version of the backend: servers by name. Those that are missing leave. */
  recompile(servers: Readonly<Record<string, ServerOfStage>>, algorithm = this.#algorithm): Picker {
    for (const { server } of this.candidates) if (servers[server.address] === undefined) this.slots.retire(server.key);
    const candidates = Object.entries(servers)
      .map(([address, server]) => candidateOf(this.slots.acquire(identify(address)), server))
      .sort((a, b) => (a.server.key < b.server.key ? -1 : 1));
    this.candidates = Object.freeze(candidates);
    const { balance, failOpen = false, slowStartMs = 0, requestsPerServer = 0 } = this.#options;
    const { slots, clock, position, traffic } = this;
    this.availability = new Availability({ slots, candidates, requestsPerServer, failOpen });
    this.picker = createPicker({
      ...{ candidates, slots, clock, position, traffic, availability: this.availability, before: this.picker },
      settings: {
        balance: { ...balanceDefaults, ...balance, algorithm },
        failOpen,
        slowStartMs,
        limits: { ...resolveLimits(), requestsPerServer },
      },
      random: this.#random,
    });
    return this.picker;
  }

  judge(name: string, as: VerdictNumber): void {
    this.slots.verdicts[this.server(name).slot] = as;
  }

  kill(...names: string[]): void {
    for (const name of names) this.judge(name, verdict.unhealthy);
  }

  revive(...names: string[]): void {
    for (const name of names) this.judge(name, verdict.healthy);
  }

  eject(name: string): void {
    this.slots.ejected[this.server(name).slot] = 1;
  }

  ramp(name: string): void {
    beginRamp(this.slots, this.server(name), this.clock.monotonic());
  }

  begin(name: string): void {
    this.slots.begin(this.server(name));
    this.traffic.inFlight++;
  }

  end(name: string): void {
    this.slots.end(this.server(name));
    this.traffic.inFlight--;
  }

  load(name: string): number {
    return this.slots.inFlight[this.server(name).slot]!;
  }

  server(name: string): ServerSlot {
    return this.slots.get(identify(name).key)!;
  }

  context(tried: readonly string[] = [], rest: Partial<PickContext> = {}): PickContext {
    return contextWith({ ...rest, tried: tried.map((name) => this.server(name)) });
  }

  pick(...tried: string[]): PickResult {
    return this.picker.pick(this.context(tried));
  }

  /** The name picked; fails the test when there is none. */
  name(...tried: string[]): string {
    return nameOf(this.pick(...tried));
  }

  names(count: number): string[] {
    return Array.from({ length: count }, () => this.name());
  }

  counts(count: number): Record<string, number> {
    return countNames(this.names(count));
  }

  /** The name picked for each key, which is the address of a client unless told otherwise. */
  byKey(keys: readonly string[]): string[] {
    return keys.map((clientAddress) => nameOf(this.picker.pick(contextWith({ clientAddress }))));
  }
}

export function nameOf(result: PickResult): string {
  if (result.kind === 'none') throw new Error(`nobody was picked: ${result.reason}`);
  return result.server.address;
}

export function countNames(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export function contextWith(rest: Partial<PickContext> = {}): PickContext {
  return {
    clientAddress: '192.0.2.1',
    authority: 'app.example.com',
    path: '/',
    header: () => undefined,
    cookie: () => undefined,
    query: () => undefined,
    tried: [],
    ...rest,
  };
}

/** The same numbers from 0 to below 1 for the same seed (a Weyl sequence, mixed). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

function candidateOf(server: ServerSlot, of: ServerOfStage): Candidate {
  const { weight = 1, priority = 0 } = typeof of === 'number' ? { weight: of } : of;
  return { server, weight, priority, state: 'active', zone: '', labels: {} };
}

function identify(address: string) {
  return { key: `web/${address}:80`, backend: 'web', address, port: 80 };
}
