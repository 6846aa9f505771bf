import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitUntil } from '@headgate/e2e/harness/wait-until';
import { BOTH_CORES } from '../machine/cores.ts';
import { findProgram } from '../machine/find-program.ts';
import { freePort } from '../machine/free-ports.ts';
import { PinnedProcess } from '../machine/pinned-process.ts';

/** A Redis of its own that keeps nothing on disk. */
export class RedisServer {
  readonly port: number;
  readonly #process: PinnedProcess;
  readonly #socket: Socket;

  private constructor(port: number, process: PinnedProcess, socket: Socket) {
    this.port = port;
    this.#process = process;
    this.#socket = socket;
  }

  /** `events` is the value of notify-keyspace-events. A text that says what is missing when it is not installed. */
  static async start(events: string): Promise<RedisServer | string> {
    const program = findProgram('redis-server');
    if (program === undefined) return 'Redis is missing: apt-get install redis-server';
    const port = await freePort();
    const kept = ['--save', '', '--appendonly', 'no', '--notify-keyspace-events', events];
    const command = [program, '--bind', '127.0.0.1', '--port', String(port), ...kept];
    const process = new PinnedProcess({ cores: BOTH_CORES, command });
    try {
      return new RedisServer(port, process, await waitUntil('Redis listens', () => connected(port)));
    } catch (error) {
      await process.stop('SIGKILL');
      throw error;
    }
  }

  async set(key: string, value: string): Promise<void> {
    const words = ['SET', key, value].map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    const answered = once(this.#socket, 'data');
    this.#socket.write(`*${words.length}\r\n${words.join('')}`);
    const [answer] = (await answered) as [Buffer];
    if (answer.toString() !== '+OK\r\n') throw new Error(`Redis answered ${answer.toString()}`);
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    await this.#process.stop();
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}
