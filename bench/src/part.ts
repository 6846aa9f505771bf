import type { Findings } from './report/section.ts';

/** A part of the benchmark: what `make bench ARGS=<name>` runs. */
export interface Part {
  readonly name: string;
  readonly title: string;
  run(options: PartOptions): Promise<Findings>;
}

export interface PartOptions {
  /** How often each contender is measured, in turn with the others. */
  readonly rounds: number;
}
