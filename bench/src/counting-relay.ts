import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Passes TCP bytes between data planes and a control plane, and counts those that go down. */
export class CountingRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #down = 0;

  constructor(target: string) {
    const [host, port] = [target.slice(0, target.lastIndexOf(':')), Number(target.slice(target.lastIndexOf(':') + 1))];
    this.#server = createServer({ noDelay: true }, (client) => {
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

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
