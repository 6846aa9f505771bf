import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@headgate/shared/clock';
import { DnsTestServer } from '@headgate/shared/dns/dns-server.cases';
import { createLogger } from '@headgate/shared/logger';
import { NameReader } from './name-reader.ts';
import { NameResolution } from './name-resolution.ts';
import { NameTable } from './name-table.ts';

export const NAME = 'web.example.test';

/** An origin on an address of loopback, which answers with that address; what is asked for /hold waits. */
export class NamedOrigin {
  readonly address: string;
  /** Hosts of the requests that have come. */
  readonly hosts: string[] = [];
  readonly #server: Server;
  readonly #held: ServerResponse[] = [];

  private constructor(address: string) {
    this.address = address;
    this.#server = createServer({ requireHostHeader: false }, (request, response) => this.#answer(request, response));
    this.#server.keepAliveTimeout = 60_000;
  }

  static async start(address: string, port = 0): Promise<NamedOrigin> {
    const origin = new NamedOrigin(address);
    origin.#server.listen(port, address);
    await once(origin.#server, 'listening');
    return origin;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Requests that wait. */
  get held(): number {
    return this.#held.length;
  }

  letGo(): void {
    for (const response of this.#held.splice(0)) response.end(this.address);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.hosts.push(request.headers.host ?? '');
    if (request.url === '/hold') this.#held.push(response);
    else response.end(this.address);
  }
}

/** Names as a data plane has them, looked up at a server of names on loopback, often. */
export class NamedStage {
  readonly dns: DnsTestServer;
  readonly table = new NameTable();
  readonly resolution: NameResolution;

  private constructor(dns: DnsTestServer) {
    this.dns = dns;
    const reader = new NameReader({ resolvers: [dns.address], allowedNetworks: [], clock: systemClock });
    const logger = createLogger('test', 'silent');
    this.resolution = new NameResolution({ table: this.table, reader, refreshMs: 20, clock: systemClock, logger });
  }

  static async start(): Promise<NamedStage> {
    return new NamedStage(await DnsTestServer.start());
  }

  async close(): Promise<void> {
    this.resolution.close();
    await this.dns.stop();
  }
}
