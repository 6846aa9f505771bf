import { Availability } from '@headgate/data-plane/balancing/availability';
import type { Candidate } from '@headgate/data-plane/balancing/candidate';
import { createPicker } from '@headgate/data-plane/balancing/create-picker';
import { PickPosition } from '@headgate/data-plane/balancing/pick-position';
import type { PickContext, Picker } from '@headgate/data-plane/balancing/picker';
import { ServerSlots, type ServerSlot } from '@headgate/data-plane/upstream/server-slots';
import { systemClock } from '@headgate/shared/clock';
import { resolveBackend } from '@headgate/shared/model/backend';
import type { Algorithm } from '@headgate/shared/model/balance';

export interface PoolOptions {
  readonly algorithm: Algorithm;
  readonly servers: number;
  readonly weightOf: (index: number) => number;
}

/** Requests under way for each server. */
const IN_FLIGHT = 2;

/** One less than a power of 2. */
const LAST_CLIENT = 2 ** 16 - 1;

/** A backend under load, without any connection: requests begin and end, and that is all they do. */
export class PoolOfServers {
  readonly #options: PoolOptions;
  readonly #slots = new ServerSlots();
  readonly #position = new PickPosition();
  readonly #traffic = { inFlight: 0 };
  readonly #candidates: readonly Candidate[];
  readonly #picker: Picker;
  /** The servers of the requests under way, as a ring. */
  readonly #underWay: ServerSlot[] = [];
  #oldest = 0;
  #asked = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#candidates = Array.from({ length: options.servers }, (_, index) => this.#candidate(index)).toSorted((a, b) =>
      a.server.key < b.server.key ? -1 : 1,
    );
    this.#picker = this.#createPicker(this.#candidates);
    for (let request = 0; request < options.servers * IN_FLIGHT; request++) this.#underWay.push(this.#begin());
  }

  /** The oldest request ends and another one begins. */
  turn(): void {
    this.#slots.end(this.#underWay[this.#oldest]!);
    this.#traffic.inFlight--;
    this.#underWay[this.#oldest] = this.#begin();
    this.#oldest = (this.#oldest + 1) % this.#underWay.length;
  }

  /** The picker as a backend has it that has just come. */
  compile(): void {
    this.#createPicker(this.#candidates);
  }

  /** The picker as it is after the first server has left. */
  recompile(): void {
    this.#createPicker(this.#candidates.slice(1), this.#picker);
  }

  #begin(): ServerSlot {
    const result = this.#picker.pick(contexts[this.#asked++ & LAST_CLIENT]!);
    if (result.kind === 'none') throw new Error(`nobody was picked: ${result.reason}`);
    this.#slots.begin(result.server);
    this.#traffic.inFlight++;
    return result.server;
  }

  #candidate(index: number): Candidate {
    const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    const server = this.#slots.acquire({ key: `web/${address}:80`, backend: 'web', address, port: 80 });
    return { server, weight: this.#options.weightOf(index), priority: 0, state: 'active', zone: '', labels: {} };
  }

  #createPicker(candidates: readonly Candidate[], before?: Picker): Picker {
    const slots = this.#slots;
    return createPicker({
      candidates,
      settings: resolveBackend({ name: 'web', balance: { algorithm: this.#options.algorithm } }),
      slots,
      availability: new Availability({ slots, candidates, requestsPerServer: 0, failOpen: false }),
      position: this.#position,
      traffic: this.#traffic,
      clock: systemClock,
      random: Math.random,
      before,
    });
  }
}

const contexts: readonly PickContext[] = Array.from({ length: LAST_CLIENT + 1 }, (_, index) => ({
  clientAddress: `198.51.${index >> 8}.${index & 255}`,
  authority: 'a.test',
  path: '/',
  header: () => undefined,
  cookie: () => undefined,
  query: () => undefined,
  tried: [],
}));
