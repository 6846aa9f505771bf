import type { CompileFault } from '../routing/serving-table.ts';

const KEPT = 100;

/** Reasons why a snapshot is not served: the first hundred, and how many there are. */
export interface Faults {
  readonly listed: readonly CompileFault[];
  /** At least 1. */
  readonly total: number;
}

/** Collects reasons without bound on their number, and with one on what is kept. */
export class FaultList {
  readonly #listed: CompileFault[] = [];
  #total = 0;

  get any(): boolean {
    return this.#total > 0;
  }

  add(fault: CompileFault): void {
    this.#total++;
    if (this.#listed.length < KEPT) this.#listed.push(fault);
  }

  done(): Faults {
    return { listed: this.#listed, total: this.#total };
  }
}

/** The faults of one that concerns the snapshot as a whole. */
export function snapshotFault(code: string, reason: string): Faults {
  return { listed: [{ object: '', field: '', code, reason }], total: 1 };
}

/** The first hundred of some faults. */
export function faultsOf(faults: readonly CompileFault[]): Faults {
  return { listed: faults.slice(0, KEPT), total: faults.length };
}
