import { waitUntil } from '@headgate/e2e/harness/wait-until';
import { BOTH_CORES } from '../machine/cores.ts';
import { findProgram } from '../machine/find-program.ts';
import { freePorts } from '../machine/free-ports.ts';
import { PinnedProcess } from '../machine/pinned-process.ts';
import type { Endpoint } from './endpoint.ts';

const READY_MS = 30_000;
const REQUEST_MS = 10_000;

/** A Consul of its own, a server and its agent, that keeps everything in memory. */
export class Consul {
  readonly url: string;
  readonly #process: PinnedProcess;

  private constructor(url: string, process: PinnedProcess) {
    this.url = url;
    this.#process = process;
  }

  /** Resolves once it has a leader; with a text that says what is missing when it is not installed. */
  static async start(): Promise<Consul | string> {
    const program = findProgram('consul');
    if (program === undefined) return 'Consul is missing: scripts/build-test-peers.sh ~/.cache/headgate-tools consul';
    const [http = 0, serf = 0, server = 0] = await freePorts(3);
    const off = ['-grpc-port', '-grpc-tls-port', '-dns-port', '-serf-wan-port'].flatMap((flag) => [flag, '-1']);
    const ports = ['-http-port', http, '-serf-lan-port', serf, '-server-port', server].map(String);
    const command = [program, 'agent', '-dev', '-bind', '127.0.0.1', '-log-level', 'error', ...off, ...ports];
    const process = new PinnedProcess({ cores: BOTH_CORES, command });
    const consul = new Consul(`http://127.0.0.1:${http}`, process);
    try {
      await waitUntil('Consul is ready', () => consul.#isReady(), READY_MS);
      return consul;
    } catch (error) {
      await consul.stop();
      throw error;
    }
  }

  /** The one instance of a service. */
  async put(service: string, { address, port }: Endpoint): Promise<void> {
    const answer = await this.#send('PUT', '/v1/agent/service/register', {
      ID: service,
      Name: service,
      Address: address,
      Port: port,
    });
    if (!answer.ok) throw new Error(`Consul answered ${answer.status}: ${await answer.text()}`);
  }

  stop(): Promise<void> {
    return this.#process.stop('SIGKILL');
  }

  async #isReady(): Promise<boolean> {
    const answer = await this.#send('GET', '/v1/catalog/nodes');
    return ((await answer.json()) as readonly unknown[]).length > 0;
  }

  #send(method: string, path: string, body?: unknown): Promise<Response> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    return fetch(`${this.url}${path}`, { method, ...content, signal: AbortSignal.timeout(REQUEST_MS) });
  }
}
