import WebSocket from 'ws';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { seededRandom } from '../src/harness/seeded-random.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const HOSTS = Array.from({ length: 10 }, (_, index) => `h${index}.example.com`);
const BACKENDS = ['b0', 'b1', 'b2', 'b3'];
const CHANGES = 1_000;

/** Which servers may answer for a host: by version. */
type Table = ReadonlyMap<string, ReadonlySet<string>>;

describe.each(['1', '2'])('a thousand changes under load, with %s thread(s)', (threads) => {
  let system: System;
  beforeAll(async () => {
    system = await System.start({
      servers: 6,
      dataPlaneEnv: { HEADGATE_ACCESS_LOG: 'true', HEADGATE_THREADS: threads },
    });
  });
  afterAll(() => system.close());

  it('fail no request, cut no connection, and every answer belongs to exactly one version', async () => {
    const model = new Model(system);
    await model.import();
    const stop = new AbortController();
    const clients = HOSTS.flatMap((host) => Array.from({ length: 5 }, () => new Client(system.dataPlane.port, host)));
    const tunnels = await Promise.all(
      Array.from({ length: 20 }, (_, index) => Tunnel.open(system.dataPlane.port, HOSTS[index % 10]!)),
    );
    const load = [
      ...clients.map((client) => client.run(stop.signal)),
      ...tunnels.map((tunnel) => tunnel.run(stop.signal)),
    ];

    const random = seededRandom(1);
    for (let change = 0; change < CHANGES; change++) await model.change(random);
    await system.api.converge(model.version);
    stop.abort();
    await Promise.all(load);

    expect(clients.flatMap((client) => client.failures)).toEqual([]);
    expect(clients.map((client) => client.connections)).toEqual(clients.map(() => 1));
    expect(tunnels.flatMap((tunnel) => tunnel.failures)).toEqual([]);
    const answers = new Map(clients.flatMap((client) => [...client.answers]));
    expect(answers.size).toBeGreaterThan(CHANGES);
    await expectOneVersionEach(system, model.tables, answers);
    for (const tunnel of tunnels) tunnel.close();
    for (const client of clients) client.close();
  }, 180_000);
});

/** The access log names the version of each request; the answer's server must be in that version's table. */
async function expectOneVersionEach(
  system: System,
  tables: ReadonlyMap<number, Table>,
  answers: ReadonlyMap<string, { host: string; server: string }>,
) {
  const versions = new Set<number>();
  let checked = 0;
  await waitUntil('the access log is complete', () => {
    const lines = system.dataPlane.child.output.split('\n').filter((line) => line.includes('"requestId"'));
    versions.clear();
    checked = 0;
    for (const line of lines) {
      const entry = JSON.parse(line) as { requestId: string; version: number };
      const answer = answers.get(entry.requestId);
      if (answer === undefined) continue;
      checked++;
      versions.add(entry.version);
      const table = tables.get(entry.version);
      if (!table?.get(answer.host)?.has(answer.server)) {
        throw new Error(`${answer.server} answered for ${answer.host}, which version ${entry.version} does not say`);
      }
    }
    return checked === answers.size;
  });
  expect(versions.size).toBeGreaterThan(50);
}

/** What was written, so that it is known what every version says. */
class Model {
  readonly tables = new Map<number, Table>();
  readonly #system: System;
  readonly #servers = new Map<string, Set<string>>();
  readonly #hosts = new Map<string, string>();
  version = 0;

  constructor(system: System) {
    this.#system = system;
    BACKENDS.forEach((name, index) => this.#servers.set(name, new Set([`server-${index + 1}`, `server-${index + 2}`])));
    HOSTS.forEach((host, index) => this.#hosts.set(host, BACKENDS[index % BACKENDS.length]!));
  }

  async import(): Promise<void> {
    const backends = BACKENDS.map((name) => ({
      name,
      servers: [...this.#servers.get(name)!].map((server) => this.#address(server)),
    }));
    const hosts = [...this.#hosts].map(([host, backend]) => ({ host, backend }));
    await this.#write('PUT', '/api/v1/config', { backends, hosts });
    await this.#system.api.converge(this.version);
  }

  async change(random: () => number): Promise<void> {
    if (random() < 0.5) {
      const host = HOSTS[Math.floor(random() * HOSTS.length)]!;
      const others = BACKENDS.filter((name) => name !== this.#hosts.get(host));
      const backend = others[Math.floor(random() * others.length)]!;
      this.#hosts.set(host, backend);
      await this.#write('PUT', `/api/v1/hosts/${host}`, { host, backend });
      return;
    }
    const backend = BACKENDS[Math.floor(random() * BACKENDS.length)]!;
    const members = this.#servers.get(backend)!;
    const name = `server-${1 + Math.floor(random() * 6)}`;
    const address = this.#address(name);
    if (members.has(name) && members.size > 1) {
      members.delete(name);
      await this.#write('DELETE', `/api/v1/backends/${backend}/servers/127.0.0.1:${address.port}`);
    } else {
      const weight = 1 + Math.floor(random() * 1_000);
      members.add(name);
      await this.#write('PUT', `/api/v1/backends/${backend}/servers/127.0.0.1:${address.port}`, { ...address, weight });
    }
  }

  async #write(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await this.#system.api.write(method, path, body);
    if (answer.changed) expect(answer.version).toBeGreaterThan(this.version);
    this.version = answer.version;
    this.tables.set(
      this.version,
      new Map([...this.#hosts].map(([host, backend]) => [host, new Set(this.#servers.get(backend))])),
    );
  }

  #address(name: string): { address: string; port: number } {
    return { address: '127.0.0.1', port: this.#system.servers.find((server) => server.name === name)!.port };
  }
}

class Client {
  readonly answers = new Map<string, { host: string; server: string }>();
  readonly failures: string[] = [];
  readonly #client: KeepAliveClient;
  readonly #host: string;

  constructor(port: number, host: string) {
    this.#client = new KeepAliveClient(port);
    this.#host = host;
  }

  get connections(): number {
    return this.#client.connections;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        const answer = await this.#client.get(this.#host, '/');
        if (answer.status !== 200) this.failures.push(`${answer.status} ${answer.body}`);
        else
          this.answers.set(String(answer.headers['x-request-id']), {
            host: this.#host,
            server: String(answer.headers['x-server']),
          });
      } catch (error) {
        this.failures.push(String(error));
      }
    }
  }

  close(): void {
    this.#client.close();
  }
}

/** A WebSocket that asks for echoes until it is told to stop. */
class Tunnel {
  readonly failures: string[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', (error) => this.failures.push(String(error)));
    socket.on('close', () => this.failures.push('closed'));
  }

  static async open(port: number, host: string): Promise<Tunnel> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host } });
    await new Promise((resolve, reject) => {
      socket.once('message', resolve);
      socket.once('error', reject);
    });
    return new Tunnel(socket);
  }

  async run(stop: AbortSignal): Promise<void> {
    for (let count = 0; !stop.aborted && this.failures.length === 0; count++) {
      const text = `echo ${count}`;
      this.#socket.send(text);
      const got = await this.#next();
      if (got !== text) this.failures.push(`sent ${text}, got ${got}`);
    }
  }

  #next(): Promise<string> {
    return new Promise((resolve) => {
      const onMessage = (data: Buffer): void => settle(data.toString());
      const onClose = (): void => settle('closed');
      const settle = (text: string): void => {
        this.#socket.off('message', onMessage).off('close', onClose);
        resolve(text);
      };
      this.#socket.on('message', onMessage).on('close', onClose);
    });
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.terminate();
  }
}
