import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessSample {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly descriptors: number;
}

const PAGE_BYTES = 4_096;

/** What a process holds, looked at again and again, where the system says it (Linux). */
export class ProcessSamples {
  readonly samples: ProcessSample[] = [];
  readonly #pid: number;

  constructor(pid: number) {
    this.#pid = pid;
  }

  async run(everyMs: number, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.take();
      await delay(everyMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  async take(): Promise<ProcessSample> {
    const [statm, descriptors] = await Promise.all([
      readFile(`/proc/${this.#pid}/statm`, 'utf8'),
      readdir(`/proc/${this.#pid}/fd`),
    ]);
    const rssBytes = Number(statm.split(' ')[1]) * PAGE_BYTES;
    const sample = { atMs: performance.now(), rssBytes, descriptors: descriptors.length };
    this.samples.push(sample);
    return sample;
  }

  /** Growth over all that was sampled after a warm-up of a quarter, by the line that fits best, as a share of the mean. */
  growth(what: 'rssBytes' | 'descriptors'): number {
    const samples = this.samples.slice(Math.floor(this.samples.length / 4));
    return (slope(samples, what) * (samples.at(-1)!.atMs - samples[0]!.atMs)) / mean(samples.map((one) => one[what]));
  }
}

function slope(samples: readonly ProcessSample[], what: 'rssBytes' | 'descriptors'): number {
  const [atMs, values] = [mean(samples.map((one) => one.atMs)), mean(samples.map((one) => one[what]))];
  const covariance = samples.reduce((sum, one) => sum + (one.atMs - atMs) * (one[what] - values), 0);
  return covariance / samples.reduce((sum, one) => sum + (one.atMs - atMs) ** 2, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
