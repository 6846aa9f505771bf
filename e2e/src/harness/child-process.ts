import { spawn, type ChildProcess as NodeChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** One line of a plane's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

export interface ChildOptions {
  /** Path of the JavaScript file that Node runs. */
  readonly script: string;
  /** Settings of the plane. The parent's HEADGATE_* variables are not passed on unless `inherit` says so. */
  readonly env: Readonly<Record<string, string>>;
  readonly inheritSettings?: boolean;
  /** Called with every line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

export interface ProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Its whole environment. Default: that of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

const MAX_LINES = 1_000_000;

/** A plane, or another program, that runs as a process of its own, with its log at hand. */
export class ChildProcess {
  readonly #child: NodeChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;
  /** Resolves when it has ended and all of its output was read. */
  readonly closed: Promise<void>;

  private constructor(child: NodeChildProcess, onLine: ((line: string) => void) | undefined) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > MAX_LINES) this.#lines.splice(0, MAX_LINES / 2);
        onLine?.(line);
        this.#wake();
      });
    }
    this.closed = once(child, 'close').then(() => {
      this.#ended = true;
      this.#wake();
    });
  }

  static start(options: ChildOptions): ChildProcess {
    const inherited = Object.entries(process.env).filter(
      ([name]) => options.inheritSettings === true || !name.startsWith('HEADGATE_'),
    );
    const env = { ...Object.fromEntries(inherited), ...options.env };
    const child = spawn(process.execPath, [options.script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return new ChildProcess(child, options.onLine);
  }

  static startProgram({ program, args, env }: ProgramOptions): ChildProcess {
    const child = spawn(program, args, { ...(env === undefined ? {} : { env }), stdio: ['ignore', 'pipe', 'pipe'] });
    return new ChildProcess(child, undefined);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Whether it has ended and all of its output was read. */
  get ended(): boolean {
    return this.#ended;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  get output(): string {
    return this.#lines.join('\n');
  }

  /** The first log line, past ones included, that the predicate accepts; an error when the process ends before. */
  async waitForLog(accept: (line: LogLine) => boolean, withinMs = 20_000): Promise<LogLine> {
    let seen = 0;
    const deadline = Date.now() + withinMs;
    for (;;) {
      for (; seen < this.#lines.length; seen++) {
        const line = parseLine(this.#lines[seen] ?? '');
        if (line !== undefined && accept(line)) return line;
      }
      if (this.#ended) throw new Error(`the process has ended (${this.#describeEnd()}):\n${this.output.slice(-4_000)}`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no such log line within ${withinMs} ms:\n${this.output.slice(-4_000)}`);
      await this.#nextLine(left);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends the signal and waits until the process has gone; kills it when it is still there after `withinMs`. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', withinMs = 15_000): Promise<void> {
    if (this.#ended) return;
    this.#child.kill(signal);
    if (signal !== 'SIGKILL') this.#child.kill('SIGCONT');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), withinMs);
    await this.closed;
    clearTimeout(timer);
  }

  #describeEnd(): string {
    return this.#child.signalCode ?? `exit code ${this.#child.exitCode}`;
  }

  #nextLine(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

function parseLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
