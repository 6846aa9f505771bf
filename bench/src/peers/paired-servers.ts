import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { freePort } from '../machine/free-ports.ts';
import type { Endpoint } from './endpoint.ts';

const ADDRESSES = ['127.0.0.2', '127.0.0.3'] as const;

/** Two servers with one port on two loopback addresses, which Linux has; each says by x-server which one it is. */
export class PairedServers {
  readonly endpoints: readonly [Endpoint, Endpoint];
  readonly #servers: readonly Server[];

  private constructor(port: number, servers: readonly Server[]) {
    this.endpoints = [
      { address: ADDRESSES[0], port },
      { address: ADDRESSES[1], port },
    ];
    this.#servers = servers;
  }

  static async start(): Promise<PairedServers> {
    const port = await freePort();
    return new PairedServers(port, await Promise.all(ADDRESSES.map((address) => listen(address, port))));
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function listen(address: string, port: number): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (_request, answer) => {
    answer.writeHead(200, { 'x-server': address }).end();
  });
  server.listen(port, address);
  await once(server, 'listening');
  return server;
}
