import { join } from 'node:path';
import { LOAD_CORE } from '../machine/cores.ts';
import { needProgram } from '../machine/find-program.ts';
import { PinnedProcess } from '../machine/pinned-process.ts';

export interface WrkOptions {
  readonly port: number;
  /** Default 2. */
  readonly seconds?: number;
  /** Default 64. */
  readonly connections?: number;
  /** Default: /k with a new query for every request. */
  readonly path?: string;
  readonly cores?: string;
  readonly threads?: number;
}

export interface WrkFigures {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than 2xx and 3xx. */
  readonly refused: number;
  /** Connections that were refused or cut, and requests that were never answered. */
  readonly cut: number;
}

const varyScript = join(import.meta.dirname, '..', '..', 'peers', 'vary.lua');

/** Load of `connections` keep-alive connections, each with one request after the other. */
export function startWrk(options: WrkOptions): PinnedProcess {
  const { port, seconds = 2, connections = 64, path, cores = LOAD_CORE, threads = 1 } = options;
  const wrk = needProgram('wrk', 'apt-get install wrk');
  const script = path === undefined ? ['-s', varyScript] : [];
  const amount = [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, '--latency'];
  const target = ['-H', 'Host: a.example.com', `http://127.0.0.1:${port}${path ?? '/k'}`];
  return new PinnedProcess({ cores, command: [wrk, ...amount, ...script, ...target] });
}

export async function wrk(options: WrkOptions): Promise<WrkFigures> {
  return readWrk(await startWrk(options).finished());
}

/** What wrk says at its end. */
export function readWrk(output: string): WrkFigures {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? [];
  const requests = number(/(\d+) requests in/);
  if (requests === 0) throw new Error(`wrk got no answers:\n${output}`);
  return {
    requests,
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50Ms: milliseconds(/^\s+50%\s+(\S+)/m.exec(output)?.[1]),
    p99Ms: milliseconds(/^\s+99%\s+(\S+)/m.exec(output)?.[1]),
    refused: number(/Non-2xx or 3xx responses: (\d+)/),
    cut: errors.reduce((sum, count) => sum + Number(count), 0),
  };
}

function milliseconds(text: string | undefined): number {
  const [, digits, unit = ''] = /^([\d.]+)(us|ms|s)$/.exec(text ?? '') ?? [];
  return Number(digits) * ({ us: 0.001, ms: 1, s: 1_000 }[unit] ?? NaN);
}
