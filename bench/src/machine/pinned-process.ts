import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { needProgram } from './find-program.ts';

export interface PinnedOptions {
  readonly cores: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether messages can be sent to it; it is a Node program then. Default false. */
  readonly messages?: boolean;
}

/** A process that runs on the given cores alone. */
export class PinnedProcess {
  readonly child: ChildProcess;
  #output = '';

  constructor({ cores, command, env = {}, messages = false }: PinnedOptions) {
    const taskset = needProgram('taskset', 'it belongs to util-linux');
    this.child = spawn(taskset, ['-c', cores, ...command], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(messages ? (['ipc'] as const) : [])],
    });
    this.child.stdout?.on('data', (bytes: Buffer) => (this.#output += bytes.toString()));
    this.child.stderr?.on('data', (bytes: Buffer) => (this.#output += bytes.toString()));
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** Standard output and standard error. */
  get output(): string {
    return this.#output;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves with all that it has written once it has ended by itself; rejects when it failed. */
  async finished(): Promise<string> {
    const [code] = (await once(this.child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${this.child.spawnargs.slice(3).join(' ')} ended with ${code}:\n${this.#output}`);
    return this.#output;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.ended) return;
    const closed = once(this.child, 'close');
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await closed;
    clearTimeout(late);
  }
}
