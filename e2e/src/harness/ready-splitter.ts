import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What traffic is spread over. */
export interface Endpoint {
  readonly port: number;
  readonly adminUrl: string;
}

/** What an endpoint said when it was first found ready. */
export interface FirstReady {
  readonly version: number;
}

const POLL_MS = 100;

/**
 * Spreads connections over the endpoints that are ready, as a Service of Kubernetes does: by `/readyz`, asked ten times a
 * second; a new connection goes to one that was ready when it was last asked, and an open one stays where it is, ready or
 * not. It knows nothing of HTTP and tries nothing again: what an endpoint does not serve has failed.
 */
export class ReadySplitter {
  readonly #server: Server;
  readonly #ready = new Map<Endpoint, FirstReady>();
  readonly #stops = new Map<Endpoint, AbortController>();
  readonly #sockets = new Set<Socket>();
  #turn = 0;
  #port = 0;

  constructor() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#forward(client));
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Undefined as long as it is not, or no longer, ready. */
  firstReady(endpoint: Endpoint): FirstReady | undefined {
    return this.#ready.get(endpoint);
  }

  /** Begins to ask an endpoint. */
  add(endpoint: Endpoint): void {
    const stop = new AbortController();
    this.#stops.set(endpoint, stop);
    void this.#watch(endpoint, stop.signal);
  }

  /** Asks it no more, and sends it nothing new. */
  remove(endpoint: Endpoint): void {
    this.#stops.get(endpoint)?.abort();
    this.#stops.delete(endpoint);
    this.#ready.delete(endpoint);
  }

  close(): void {
    for (const endpoint of [...this.#stops.keys()]) this.remove(endpoint);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  async #watch(endpoint: Endpoint, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const said = await ask(endpoint);
      if (stop.aborted) return;
      if (said === undefined) this.#ready.delete(endpoint);
      else if (!this.#ready.has(endpoint)) this.#ready.set(endpoint, said);
      await delay(POLL_MS);
    }
  }

  #forward(client: Socket): void {
    const endpoints = [...this.#ready.keys()];
    const endpoint = endpoints[this.#turn++ % endpoints.length];
    if (endpoint === undefined) return void client.resetAndDestroy();
    const server = connect({ port: endpoint.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('close', () => this.#sockets.delete(from));
      from.on('error', () => to.resetAndDestroy());
      from.pipe(to);
    }
  }
}

async function ask({ adminUrl }: Endpoint): Promise<FirstReady | undefined> {
  try {
    const answer = await fetch(`${adminUrl}/readyz`, { signal: AbortSignal.timeout(2_000) });
    const said = (await answer.json()) as FirstReady;
    return answer.status === 200 ? said : undefined;
  } catch {
    return undefined;
  }
}
