import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Processor time, user and system, that a process and its children have used so far, in microseconds. */
export function processorMicros(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + ticksOf(each), 0) * (1_000_000 / ticksPerSecond);
}

/** Resident memory of a process and its children, in KiB. */
export function residentKiB(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + residentOf(each), 0);
}

/** Bytes that a process and its children have had written to disk so far: what the kernel wrote for them, pages whole. */
export function bytesWritten(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + writtenOf(each), 0);
}

function processTree(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

function childrenOf(pid: number): readonly number[] {
  return orNone(() =>
    readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    ),
  );
}

/** proc(5): utime and stime are the fields 14 and 15; the second, in brackets, may hold spaces. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

/** proc(5) */
function writtenOf(pid: number): number {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0);
}

/** A thread may end between being listed and being looked at. */
function orNone<T>(list: () => readonly T[]): readonly T[] {
  try {
    return list();
  } catch {
    return [];
  }
}
