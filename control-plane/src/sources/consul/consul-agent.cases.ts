import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';

const START_DEADLINE_MS = 20_000;

/** An instance as the agent's API takes it. */
export interface Registration {
  readonly ID: string;
  readonly Name: string;
  readonly Address: string;
  readonly Port: number;
  readonly [field: string]: unknown;
}

/** A real Consul agent on loopback, a server of its own that keeps everything in memory. */
export class ConsulAgent {
  readonly #program: string;
  readonly #ports: readonly number[];
  readonly #managementToken: string | undefined;
  #process: ChildProcess | undefined;
  #impostor: HttpServer | undefined;

  private constructor(program: string, ports: readonly number[], managementToken?: string) {
    this.#program = program;
    this.#ports = ports;
    this.#managementToken = managementToken;
  }

  /** With a management token, a UUID, the agent denies whatever no token allows. */
  static async start(program: string, managementToken?: string): Promise<ConsulAgent> {
    const agent = new ConsulAgent(program, await freePorts(3), managementToken);
    await agent.start();
    return agent;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports[0]}`;
  }

  /** Starts it again on the same ports, with nothing in it; takes the place of an impostor. */
  async start(): Promise<void> {
    await this.#dismiss();
    const [http, serf, server] = this.#ports;
    const off = ['-grpc-port', '-grpc-tls-port', '-dns-port', '-serf-wan-port'].flatMap((flag) => [flag, '-1']);
    const ports = ['-http-port', http, '-serf-lan-port', serf, '-server-port', server].map(String);
    const options = ['agent', '-dev', '-bind', '127.0.0.1', '-log-level', 'error', ...off, ...ports];
    this.#process = spawn(this.#program, [...options, ...this.#access()], { stdio: 'ignore' });
    await this.#ready();
  }

  /** SIGKILL: what it held is lost, and its clients are not told. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const exit = once(running, 'exit');
    running.kill('SIGKILL');
    await exit;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Puts something in its place that answers every request with this. */
  async replaceBy(body: string): Promise<void> {
    await this.kill();
    const headers = { 'content-type': 'application/json', 'x-consul-index': '7' };
    this.#impostor = createHttpServer((_request, response) => response.writeHead(200, headers).end(body));
    this.#impostor.listen(this.#ports[0], '127.0.0.1');
    await once(this.#impostor, 'listening');
  }

  async register(registration: Registration): Promise<void> {
    await this.call('PUT', '/v1/agent/service/register', registration);
  }

  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: this.#managementToken === undefined ? {} : { 'x-consul-token': this.#managementToken },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Makes these the only instances of the service. */
  async hold(service: string, addresses: readonly string[]): Promise<void> {
    if (this.#impostor !== undefined) await this.start();
    const held = (await this.call('GET', '/v1/agent/services')) as Record<string, { readonly Service: string }>;
    const wanted = new Map(addresses.map((address) => [`${service}-${address}`, address]));
    for (const [ID, Address] of wanted) await this.register({ ID, Name: service, Address, Port: 8080 });
    for (const [id, { Service }] of Object.entries(held)) {
      if (Service === service && !wanted.has(id)) await this.call('PUT', `/v1/agent/service/deregister/${id}`);
    }
  }

  async close(): Promise<void> {
    await this.kill();
    await this.#dismiss();
  }

  #access(): readonly string[] {
    const token = this.#managementToken;
    if (token === undefined) return [];
    const tokens = `tokens { initial_management = "${token}" agent = "${token}" }`;
    return ['-hcl', `acl { enabled = true default_policy = "deny" ${tokens} }`];
  }

  async #dismiss(): Promise<void> {
    if (this.#impostor === undefined) return;
    const closed = once(this.#impostor, 'close');
    this.#impostor.close();
    this.#impostor.closeAllConnections();
    this.#impostor = undefined;
    await closed;
  }

  /** It has a leader, which is itself, and its node is in the catalog. */
  async #ready(): Promise<void> {
    const deadline = Date.now() + START_DEADLINE_MS;
    while (Date.now() < deadline) {
      const nodes = await this.call('GET', '/v1/catalog/nodes').catch(() => []);
      if ((nodes as readonly unknown[]).length > 0) return;
      if (this.#process?.exitCode !== null) throw new Error(`consul ended by itself: ${this.#process?.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`consul was not ready within ${START_DEADLINE_MS} ms`);
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
