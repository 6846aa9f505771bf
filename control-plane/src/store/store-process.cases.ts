import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const running = new Set<StoreProcess>();

/** Ends all that a test has left running. */
export async function killStoreProcesses(): Promise<void> {
  await Promise.all([...running].map((process) => process.kill()));
}

/** A store in another process. */
export class StoreProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Resolves when the store is open. */
  static async start(dataDir: string): Promise<StoreProcess> {
    const program = join(__dirname, 'store-process.mjs');
    const child = spawn(process.execPath, [program, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
    const started = new StoreProcess(child);
    running.add(started);
    const first = await started.next();
    if (first?.startsWith('open ') !== true) throw new Error(`the process said ${String(first)}`);
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Tells it something and returns its answer. */
  async ask(line: string): Promise<string | undefined> {
    this.tell(line);
    return this.next();
  }

  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The next line that it says; undefined when it has ended. */
  async next(): Promise<string | undefined> {
    const line = await this.#lines.next();
    return line.done === true ? undefined : line.value;
  }

  /** kill -9. Resolves with all that it has said and nobody has read yet. */
  async kill(): Promise<readonly string[]> {
    running.delete(this);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
    const rest: string[] = [];
    for (let line = await this.next(); line !== undefined; line = await this.next()) rest.push(line);
    return rest;
  }
}
