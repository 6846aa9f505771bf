import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemoServer } from '../../src/harness/demo-server.ts';
import { KeepAliveClient } from '../../src/harness/keep-alive-client.ts';
import { SteadyLoad } from '../../src/harness/steady-load.ts';
import { System } from '../../src/harness/system.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';

/** Which of the three servers each backend of a document has, and with which weight. */
export interface ArticleServers {
  readonly backend1: readonly number[];
  readonly backend2: Readonly<Record<number, number>>;
}

export const firstServers: ArticleServers = { backend1: [0], backend2: { 0: 10, 1: 1 } };
export const otherServers: ArticleServers = { backend1: [1], backend2: { 1: 1, 2: 3 } };

export interface SourceView {
  readonly name: string;
  readonly state: 'starting' | 'current' | 'stale' | 'held';
  readonly error: string;
  readonly entries: number;
  readonly unsaved?: boolean;
}

/** A Headgate that gets its configuration as a document, in the spelling of article 001, with three servers to name. */
export class ArticleSystem {
  /** For what documents come from; removed at the end. */
  readonly directory: string;
  readonly servers: readonly DemoServer[];
  #system: System | undefined;
  #load: SteadyLoad | undefined;

  private constructor(directory: string, servers: readonly DemoServer[]) {
    this.directory = directory;
    this.servers = servers;
  }

  /** Its planes do not run yet. */
  static async create(): Promise<ArticleSystem> {
    const directory = await mkdtemp(join(tmpdir(), 'headgate-'));
    const servers = ['first', 'second', 'third'].map((name) => new DemoServer(name).start());
    return new ArticleSystem(directory, await Promise.all(servers));
  }

  async start(controlPlaneEnv: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#system = await System.start({ servers: 0, controlPlaneEnv });
  }

  get system(): System {
    if (this.#system === undefined) throw new Error('the planes do not run');
    return this.#system;
  }

  /** Article 001's own document, as text, with the ports of servers that are there. */
  document({ backend1, backend2 }: ArticleServers): string {
    const check = { enable: true, interval: 3, timeout: 2, success: 2, fail: 3 };
    const serverOf = (index: number) => ({ addr: '127.0.0.1', port: this.servers[index]!.port });
    const weighted = Object.entries(backend2).map(([index, weight]) => ({ ...serverOf(Number(index)), weight }));
    return JSON.stringify({
      backends: [
        { backend_name: 'backend1', health_check: { ...check, type: 'tcp' }, servers: backend1.map(serverOf) },
        { backend_name: 'backend2', health_check: { ...check, type: 'http', uri: '/ping' }, servers: weighted },
      ],
      hosts: [
        { host: 'www.test1.com', backend_name: 'backend1' },
        { host: 'www.test2.com', backend_name: 'backend2' },
      ],
    });
  }

  /** Waits until the data plane has the servers of the document with their weights, by what it shows of itself. */
  async becomes(wanted: ArticleServers): Promise<void> {
    const key = ({ backend1, backend2 }: ArticleServers) =>
      JSON.stringify([Object.fromEntries(backend1.map((index) => [index, 1])), backend2]);
    await waitUntil(`the servers are ${key(wanted)}`, async () => key(await this.#served()) === key(wanted));
  }

  /** How the data plane routes: all that it shows of itself but versions and what it finds out about servers. */
  async routing(): Promise<unknown> {
    const { backends, hosts } = (await this.system.dataPlane.dump()) as {
      backends: readonly { readonly name: string; readonly servers: readonly Record<string, unknown>[] }[];
      hosts: readonly { readonly pattern: string }[];
    };
    const settings = backends.map(({ servers, ...backend }) => ({
      ...backend,
      servers: sortedBy(servers.map(withoutFindings), ({ port }) => String(port)),
    }));
    return { backends: sortedBy(settings, ({ name }) => name), hosts: sortedBy(hosts, ({ pattern }) => pattern) };
  }

  /** The version that the data plane serves. */
  async version(): Promise<number> {
    return Number((await this.system.dataPlane.dump())['version']);
  }

  /** Who answers `requests` requests for a host, by name; a status where nobody does. */
  async answers(host: string, requests: number): Promise<Readonly<Record<string, number>>> {
    const client = new KeepAliveClient(this.system.dataPlane.port);
    const counts: Record<string, number> = {};
    for (let count = 0; count < requests; count++) {
      const { status, headers } = await client.get(host);
      const name = status === 200 ? String(headers['x-server']) : String(status);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    client.close();
    return counts;
  }

  async source(name: string): Promise<SourceView | undefined> {
    const { body } = await this.system.api.request<{ items: readonly SourceView[] }>('GET', '/api/v1/sources');
    return body.items.find((source) => source.name === name);
  }

  sourceIs(name: string, state: SourceView['state']): Promise<SourceView> {
    return waitUntil(`the source ${name} is ${state}`, async () => {
      const source = await this.source(name);
      return source?.state === state && source;
    });
  }

  /** Light traffic for the first host from now on. */
  load(): SteadyLoad {
    return (this.#load = new SteadyLoad({
      port: this.system.dataPlane.port,
      host: 'www.test1.com',
      requestsPerSecond: 50,
    }));
  }

  async close(): Promise<void> {
    this.#load?.abort();
    await this.#system?.close();
    await Promise.all(this.servers.map((server) => server.stop()));
    await rm(this.directory, { recursive: true, force: true });
  }

  async #served(): Promise<ArticleServers> {
    const { backends } = (await this.system.dataPlane.dump()) as {
      backends: readonly {
        readonly name: string;
        readonly servers: readonly { readonly port: number; readonly weight: number }[];
      }[];
    };
    const weights = (wanted: string): Readonly<Record<number, number>> => {
      const servers = backends.find(({ name }) => name === wanted)?.servers ?? [];
      return Object.fromEntries(servers.map(({ port, weight }) => [this.#indexOf(port), weight]));
    };
    return { backend1: Object.keys(weights('backend1')).map(Number), backend2: weights('backend2') };
  }

  #indexOf(port: number): number {
    return this.servers.findIndex((server) => server.port === port);
  }
}

const findings = new Set(['verdict', 'ejected', 'inFlight']);

function withoutFindings(server: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(server).filter(([field]) => !findings.has(field)));
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
