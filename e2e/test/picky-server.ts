import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connectionOwner } from '../src/harness/connection-owner.ts';

/**
 * A server that some processes are cut off from: their requests find the connection broken, as behind a network that lets
 * only others through. The kernel says whose a connection is, so that the processes need not know.
 */
export class PickyServer {
  readonly #cutOff = new Set<number>();
  readonly #answered = new Map<number, number>();
  readonly #pids: readonly number[];
  readonly #server: Server;

  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#server = createServer((request, response) => {
      request.resume();
      void this.#ownerOf(request.socket).then((pid) => {
        if (this.#cutOff.has(pid)) return request.socket.destroy();
        this.#answered.set(pid, this.answeredTo(pid) + 1);
        return response.end('here\n');
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** These are cut off from now on, and no others. */
  cutOff(...pids: readonly number[]): void {
    this.#cutOff.clear();
    for (const pid of pids) this.#cutOff.add(pid);
  }

  /** How many requests of a process were answered. */
  answeredTo(pid: number): number {
    return this.#answered.get(pid) ?? 0;
  }

  async #ownerOf({ remotePort = 0, localPort = 0 }: Socket): Promise<number> {
    return (await connectionOwner({ clientPort: remotePort, serverPort: localPort }, this.#pids)) ?? 0;
  }
}
