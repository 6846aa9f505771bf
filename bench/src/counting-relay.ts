import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Passes TCP bytes between data planes and a control plane, counts those that go down, and can be interrupted. */
export class CountingRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #down = 0;
  #interrupted = false;

  constructor(target: string) {
    const [host, port] = [target.slice(0, target.lastIndexOf(':')), Number(target.slice(target.lastIndexOf(':') + 1))];
    this.#server = createServer({ noDelay: true }, (client) => {
      if (this.#interrupted) return void client.destroy();
      const upstream = connect({ host, port, noDelay: true });
      upstream.on('data', (bytes) => (this.#down += bytes.length));
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => this.#sockets.delete(socket));
      }
    });
  }

  /** Bytes from the control plane to data planes so far, HTTP/2 frames included. */
  get bytesDown(): number {
    return this.#down;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts every connection, and those that come until `resume`. */
  interrupt(): void {
    this.#interrupted = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  resume(): void {
    this.#interrupted = false;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
