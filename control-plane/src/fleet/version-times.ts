import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';

/** When the last versions were published, so that an older one can be said to be so many seconds behind. */
export class VersionTimes {
  readonly #most: number;
  /** Oldest first. */
  #times: { readonly version: number; readonly at: number }[];

  /** `at` are readings of one clock, in milliseconds. `most` versions are remembered. */
  constructor(newest: SnapshotId, at: number, most = 1_000) {
    this.#times = [{ version: newest.version, at }];
    this.#most = most;
  }

  published({ version }: SnapshotId, at: number): void {
    if (version <= this.#times.at(-1)!.version) return;
    this.#times.push({ version, at });
    // Twice as many and then half of them, so that most pushes move nothing.
    if (this.#times.length >= 2 * this.#most) this.#times = this.#times.slice(-this.#most);
  }

  /** When the first version after `version` was published; of those that are forgotten, the oldest that is known. */
  firstAfter(version: number): number | undefined {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times[middle]!.version <= version) low = middle + 1;
      else high = middle;
    }
    return this.#times[low]?.at;
  }
}
