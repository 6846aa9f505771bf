import type { DataPlaneProcess } from '../../src/harness/data-plane-process.ts';
import { metricValue } from '../../src/harness/metric-value.ts';
import { siteHost } from '../../src/harness/site.ts';
import { SteadyLoad } from '../../src/harness/steady-load.ts';
import { System } from '../../src/harness/system.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';
import { dayRequest } from './day-requests.ts';
import { DayServer } from './day-server.ts';
import { RequestLedger } from './request-ledger.ts';

const TTL_MS = 3_000;
/** Of the requests to one data plane: no two of all have the same number. */
const NUMBERS = 100_000_000;
const BACKEND = '/api/v1/backends/web';

/** A backend that has no server but those that register, behind two data planes under load. */
export class RegistrationDay {
  readonly system: System;
  readonly ledger = new RequestLedger();
  readonly #token: string;
  readonly #servers = new Map<string, DayServer>();
  #loads: readonly SteadyLoad[] = [];
  #made = 0;
  /** The longest time from the answer to a registration until both data planes had the server, in milliseconds. */
  slowestJoinMs = 0;

  private constructor(system: System, token: string) {
    this.system = system;
    this.#token = token;
  }

  static async start(): Promise<RegistrationDay> {
    const system = await System.start({ dataPlanes: 2, servers: 0 });
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [
        {
          name: 'web',
          registration: { ttl: `${TTL_MS / 1_000}s` },
          balance: { algorithm: 'least_connections' },
          healthCheck: { type: 'http', interval: '500ms', timeout: '2s', fall: 2, rise: 1 },
          // Of a few dozen requests in flight, a crash may take more along than the default budget gives back.
          retry: { minConcurrent: 50 },
        },
      ],
      hosts: [{ host: siteHost, backend: 'web' }],
    });
    await system.api.converge(version);
    const scopes = ['register:backends/web'];
    const made = await system.api.request<{ token: string }>('POST', '/api/v1/tokens', { name: 'servers', scopes });
    return new RegistrationDay(system, made.body.token);
  }

  /** Those that are registered and live. */
  get servers(): readonly DayServer[] {
    return [...this.#servers.values()];
  }

  get answered(): number {
    return this.#loads.reduce((sum, load) => sum + load.answered, 0);
  }

  /** Requests that crashed servers have taken along. */
  get excused(): number {
    return this.#loads.reduce((sum, load) => sum + load.excused, 0);
  }

  begin(requestsPerSecond: number): void {
    const { dataPlanes } = this.system;
    this.#loads = dataPlanes.map(({ port }, index) => {
      const first = index * NUMBERS;
      return new SteadyLoad({
        port,
        host: siteHost,
        requestsPerSecond: requestsPerSecond / dataPlanes.length,
        ask: (number) => dayRequest(first + number),
        excuses: (number, failure) => this.ledger.excuses(first + number, failure),
      });
    });
  }

  /** Waits until each data plane has answered so many more requests. */
  async more(requests: number): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.more(requests)));
  }

  /** Everything that has failed and should not have. */
  async end(): Promise<readonly string[]> {
    return (await Promise.all(this.#loads.map((load) => load.stop()))).flat();
  }

  /** A new server comes; every third one speaks as article 004's do. */
  async join(port = 0): Promise<DayServer> {
    const number = ++this.#made;
    const [beat, leaseMs] = number % 3 === 0 ? [this.#beatOnUpstream, 60_000] : [this.#beatByName, TTL_MS];
    const server = new DayServer({
      name: `server-${number}`,
      ledger: this.ledger,
      beat: (on) => beat(on),
      leaseMs,
    });
    await server.start(port);
    await beat(server.port);
    const since = performance.now();
    this.#servers.set(server.name, server);
    await waitUntil(`${server.name} is served`, () =>
      this.#allServe(server.endpoint, (verdict) => verdict !== undefined),
    );
    this.slowestJoinMs = Math.max(this.slowestJoinMs, performance.now() - since);
    return server;
  }

  /** A server says good-bye, and ends when it gets no more requests and has answered those that it had. */
  async leave(server: DayServer): Promise<void> {
    server.silence();
    this.#servers.delete(server.name);
    await this.#call('DELETE', `${BACKEND}/registrations/${server.endpoint}`);
    await waitUntil(`${server.name} is gone`, () =>
      this.#allServe(server.endpoint, (verdict) => verdict === undefined),
    );
    // What was sent to it before is read by the time that others are answered.
    await this.more(5);
    await waitUntil(`${server.name} has answered`, () => server.underWay === 0);
    await server.stop();
  }

  /** A server is gone without a word, in the middle of an answer; resolves when no data plane sends it anything. */
  async crash(server: DayServer): Promise<void> {
    await waitUntil(`${server.name} answers`, () => this.ledger.isAnswering(server.name));
    this.#servers.delete(server.name);
    await server.crash();
    await waitUntil(`the crash of ${server.name} is known`, () =>
      this.#allServe(server.endpoint, (verdict) => verdict === undefined || verdict === 'unhealthy'),
    );
  }

  /** Replaces servers one by one: the new one comes, then the old one goes. */
  async roll(servers: readonly DayServer[]): Promise<void> {
    for (const server of servers) {
      await this.join();
      await this.leave(server);
    }
  }

  /** address:port of all that are registered. */
  async registered(): Promise<readonly string[]> {
    type Page = { readonly items: readonly { readonly address: string; readonly port: number }[] };
    const { body } = await this.system.api.request<Page>('GET', `${BACKEND}/registrations?limit=1000`);
    return body.items.map(({ address, port }) => `${address}:${port}`).sort();
  }

  /** What is in flight as the control plane shows it, in its three ways: they end as the same. */
  async inFlight(): Promise<{ readonly health: number; readonly status: number; readonly fleet: number }> {
    type Health = { readonly items: readonly { readonly inFlight: number }[] };
    type Status = { readonly servers: readonly { readonly conn_count: number }[] };
    const health = await this.system.api.request<Health>('GET', '/api/v1/health?all=true&backend=web&limit=1000');
    const status = await this.system.api.request<Status>('GET', '/upstream/status?backend=web');
    const metrics = await (await fetch(`${this.system.controlPlane.apiUrl}/metrics`)).text();
    return {
      health: health.body.items.reduce((sum, { inFlight }) => sum + inFlight, 0),
      status: status.body.servers.reduce((sum, { conn_count }) => sum + conn_count, 0),
      fleet: metricValue(metrics, 'headgate_fleet_in_flight_requests'),
    };
  }

  async close(): Promise<void> {
    for (const load of this.#loads) load.abort();
    await Promise.all([...this.#servers.values()].map((server) => server.crash()));
    await this.system.close();
  }

  readonly #beatByName = (port: number): Promise<unknown> =>
    this.#call('PUT', `${BACKEND}/registrations/127.0.0.1:${port}`);

  readonly #beatOnUpstream = (port: number): Promise<unknown> =>
    this.#call('GET', `/upstream/add?backend=web&host=127.0.0.1&port=${port}`);

  async #call(method: string, path: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const answer = await fetch(this.system.controlPlane.apiUrl + path, { method, headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
  }

  async #allServe(endpoint: string, accept: (verdict: string | undefined) => boolean): Promise<boolean> {
    const verdicts = await Promise.all(this.system.dataPlanes.map((plane) => verdictOf(plane, endpoint)));
    return verdicts.every(accept);
  }
}

/** What a data plane holds a server for; undefined when it does not have it. */
async function verdictOf(plane: DataPlaneProcess, endpoint: string): Promise<string | undefined> {
  type Server = { readonly address: string; readonly port: number; readonly verdict: string };
  const { backends } = (await plane.dump()) as { backends: readonly { readonly servers: readonly Server[] }[] };
  return backends[0]?.servers.find(({ address, port }) => `${address}:${port}` === endpoint)?.verdict;
}
