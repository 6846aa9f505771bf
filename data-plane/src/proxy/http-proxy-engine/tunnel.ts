import type { Socket } from 'node:net';
import type { Clock } from '@headgate/shared/clock';
import type { TransferredBytes } from '../forwarder.ts';
import { Deadline } from './deadline.ts';

export interface TunnelOptions {
  readonly client: Socket;
  readonly server: Socket;
  readonly clock: Clock;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** The same, once one side has ended. */
  readonly halfClosedMs: number;
  /** Both sides are closed, or about to be. Called once. */
  readonly closed: (bytes: TransferredBytes) => void;
}

/** How long a side may take what is left for it when the other has gone. */
const FLUSH_MS = 5_000;

/**
 * Passes bytes between a client and a server, each way no faster than the other side takes them.
 *
 * 1. An end (FIN) of one side is passed on; the other direction goes on, with less patience.
 * 2. When a side has closed in order, the other is closed when it has taken what is left for it.
 * 3. An error of either side, or the idle timeout, closes both at once.
 */
export class Tunnel {
  readonly #options: TunnelOptions;
  readonly #idle: Deadline;
  #received = 0;
  #sent = 0;
  #sidesClosed = 0;
  #over = false;

  constructor(options: TunnelOptions) {
    this.#options = options;
    this.#idle = new Deadline(options.clock, () => this.close());
  }

  /** Takes over both sockets, with the bytes of each that have been read already. */
  start(fromClient: readonly Buffer[], fromServer: Buffer): void {
    const { client, server, idleMs } = this.#options;
    this.#idle.set(idleMs);
    client.on('data', (bytes: Buffer) => this.#toServer(bytes));
    server.on('data', (bytes: Buffer) => this.#toClient(bytes));
    this.#watch(client, server);
    this.#watch(server, client);
    // After the sides flow: what cannot be written yet pauses them again.
    for (const bytes of fromClient) this.#toServer(bytes);
    if (fromServer.length > 0) this.#toClient(fromServer);
  }

  /** Cuts both sides. */
  close(): void {
    this.#options.client.destroy();
    this.#options.server.destroy();
    this.#finish();
  }

  #toServer(bytes: Buffer): void {
    this.#received += bytes.length;
    this.#idle.touch();
    if (!this.#options.server.write(bytes)) this.#options.client.pause();
  }

  #toClient(bytes: Buffer): void {
    this.#sent += bytes.length;
    this.#idle.touch();
    if (!this.#options.client.write(bytes)) this.#options.server.pause();
  }

  #watch(side: Socket, other: Socket): void {
    side.on('drain', () => {
      this.#idle.touch();
      other.resume();
    });
    side.on('end', () => {
      this.#idle.set(this.#options.halfClosedMs);
      other.end();
    });
    side.on('error', () => this.close());
    side.on('close', () => this.#sideClosed(other));
    side.resume();
  }

  #sideClosed(other: Socket): void {
    if (++this.#sidesClosed === 2) return this.#finish();
    this.#idle.set(FLUSH_MS);
    other.destroySoon();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#idle.clear();
    this.#options.closed({ received: this.#received, sent: this.#sent });
  }
}
