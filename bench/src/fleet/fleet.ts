import { once } from 'node:events';
import { join } from 'node:path';
import { waitUntil } from '@headgate/e2e/harness/wait-until';
import { PROXY_CORE } from '../machine/cores.ts';
import { PinnedProcess } from '../machine/pinned-process.ts';
import type { FleetOrder, FleetState } from './fleet-messages.ts';

const script = join(import.meta.dirname, 'stream-fleet.js');

/** Fake data planes in a process of their own, away from the core of the control plane. */
export class Fleet {
  readonly #process: PinnedProcess;
  #size = 0;

  constructor() {
    this.#process = new PinnedProcess({
      cores: PROXY_CORE,
      command: [process.execPath, '--max-old-space-size=8192', script],
      messages: true,
    });
  }

  /** Lets so many more join; `converged` waits for them. */
  join(count: number, to: { readonly address: string; readonly joinToken: string }): void {
    this.#size += count;
    this.#send({ order: 'join', count, ...to });
  }

  /** Resolves once all of them stand and hold this version. */
  async converged(version: number, withinMs = 120_000): Promise<void> {
    const all = async (): Promise<boolean> => (await this.state(version)).holding === this.#size;
    await waitUntil(`${this.#size} streams hold version ${version}`, all, withinMs);
  }

  async state(version = 0): Promise<FleetState> {
    if (this.#process.ended) throw new Error(`the fleet has ended:\n${this.#process.output}`);
    const answer = once(this.#process.child, 'message');
    this.#send({ order: 'state', version });
    const [state] = (await answer) as [FleetState];
    return state;
  }

  async stop(): Promise<void> {
    await this.#process.stop('SIGKILL');
  }

  #send(order: FleetOrder): void {
    this.#process.child.send(order);
  }
}
