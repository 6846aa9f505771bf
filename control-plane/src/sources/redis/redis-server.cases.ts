import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../stream/eventually.cases.ts';

/** How to get the programs, for `describeWith`. */
export const redisPrograms = {
  'redis-server': 'apt-get install redis-server',
  'redis-cli': 'apt-get install redis-tools',
} as const;

/** No test takes longer; a server that nobody ends ends by itself. */
const LIFE_S = 240;

const testdata = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'src', 'tls', 'testdata');

export interface RedisServerOptions {
  readonly tls?: boolean;
  readonly password?: string;
  /** Value of `notify-keyspace-events`. Default: none are sent. */
  readonly events?: string;
}

/** A Redis of its own on a port of its own, which keeps what it has through `kill` and `start`. */
export class RedisServer {
  readonly port: number;
  readonly #options: RedisServerOptions;
  readonly #directory: string;
  #process: ChildProcess | undefined;

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), 'headgate-redis-'));
    const server = new RedisServer(await freePort(), directory, options);
    await server.start();
    return server;
  }

  private constructor(port: number, directory: string, options: RedisServerOptions) {
    this.port = port;
    this.#directory = directory;
    this.#options = options;
  }

  /** Of database 0. */
  get url(): string {
    return `${this.#options.tls === true ? 'rediss' : 'redis'}://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    // The shell becomes the server, and so has its process id; what it leaves behind ends both.
    const script = `(sleep ${LIFE_S}; kill -9 $$) & exec redis-server "$@"`;
    this.#process = spawn('sh', ['-c', script, 'sh', ...this.#arguments()], { detached: true, stdio: 'ignore' });
    await eventually('Redis answers', async () => (await this.command('PING').catch(() => '')) === 'PONG');
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running?.pid === undefined) return;
    const ended = running.exitCode === null && running.signalCode === null ? once(running, 'exit') : undefined;
    process.kill(-running.pid, 'SIGKILL');
    await ended;
  }

  /** It accepts connections and does nothing more. */
  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** What the server says to a command. */
  async command(...words: readonly string[]): Promise<string> {
    const { tls, password } = this.#options;
    const access = [
      ...(tls === true ? ['--tls', '--cacert', join(testdata, 'servers-ca.crt')] : []),
      ...(password === undefined ? [] : ['-a', password, '--no-auth-warning']),
    ];
    const flags = ['-e', '-h', '127.0.0.1', '-p', String(this.port), ...access];
    const { stdout } = await promisify(execFile)('redis-cli', [...flags, ...words], { timeout: 5_000 });
    return stdout.trim();
  }

  /** How many connections it has, that of the question not counted. */
  async connections(): Promise<number> {
    const clients = (await this.command('CLIENT', 'LIST')).split('\n');
    return clients.filter((client) => !client.includes('cmd=client')).length;
  }

  get #pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('Redis does not run');
    return pid;
  }

  #arguments(): readonly string[] {
    const { tls, password, events = '' } = this.#options;
    const port = String(this.port);
    const certificate = [
      '--tls-cert-file',
      join(testdata, 'second.crt'),
      '--tls-key-file',
      join(testdata, 'second.key'),
    ];
    const authorities = ['--tls-ca-cert-file', join(testdata, 'servers-ca.crt'), '--tls-auth-clients', 'no'];
    return [
      ...['--bind', '127.0.0.1', '--dir', this.#directory, '--save', '', '--appendonly', 'yes'],
      ...(tls === true ? ['--port', '0', '--tls-port', port, ...certificate, ...authorities] : ['--port', port]),
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...['--notify-keyspace-events', events],
    ];
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
