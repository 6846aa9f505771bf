import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { forwarderAddress } from '../../conformance/forwarder-address.ts';

/** A client that sends what it is told and keeps what comes. */
export class ProofClient {
  ending: 'open' | 'end' | 'reset' = 'open';
  /** Counts everything that happens. */
  activity = 0;
  port = 0;
  readonly #socket: Socket;
  readonly #received: Buffer[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => {
      this.activity++;
      this.#received.push(bytes);
    });
    socket.on('end', () => this.#ended('end'));
    socket.on('error', () => this.#ended('reset'));
    socket.on('close', () => this.#ended('end'));
  }

  static async connect(port: number): Promise<ProofClient> {
    const socket = connect({ host: forwarderAddress, port, noDelay: true });
    const client = new ProofClient(socket);
    await once(socket, 'connect');
    client.port = socket.localPort ?? 0;
    return client;
  }

  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  send(bytes: Buffer): void {
    if (bytes.length > 0 && !this.#socket.destroyed) this.#socket.write(bytes);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #ended(ending: 'end' | 'reset'): void {
    this.activity++;
    if (this.ending === 'open') this.ending = ending;
  }
}
