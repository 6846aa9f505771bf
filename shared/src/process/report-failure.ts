import type { Fault } from '../model/fault.ts';

export interface Failure {
  /** The program that fails. */
  readonly program: string;
  /** What cannot be done, without a full stop. */
  readonly what: string;
  readonly faults: readonly Fault[];
  /** 2 is a fault of the settings, 1 any other. */
  readonly exitCode: number;
}

/** Says on standard error why a program ends, with every fault and its way out, and sets the exit code. */
export function reportFailure({ program, what, faults, exitCode }: Failure): void {
  const lines = faults.map(({ detail, fix }) => `  ${detail}: ${fix}`);
  process.stderr.write(`${program}: ${[what, ...lines].join('\n')}\n`);
  process.exitCode = exitCode;
}
