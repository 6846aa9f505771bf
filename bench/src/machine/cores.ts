import { execFileSync } from 'node:child_process';

/** The core of the proxy that is measured, alone. */
export const PROXY_CORE = '0';
/** The core of the load, the origin, and whatever else runs. */
export const LOAD_CORE = '1';
/** Both: for several threads. */
export const BOTH_CORES = '0,1';

/** Keeps a process, all of its threads and those that it will start on these cores. */
export function pin(pid: number, cores: string): void {
  execFileSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' });
}

/** Lets all others go first, so that what is not measured does not hold up the load. */
export function yieldTo(pid: number): void {
  execFileSync('renice', ['-n', '19', '-p', String(pid)], { stdio: 'ignore' });
}
