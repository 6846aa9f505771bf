import type { QueueCounts } from '../upstream/admission-queue.ts';
import type { ProxyMetrics } from './proxy-metrics.ts';
import type { ProxyCounts } from './sum-metrics.ts';

/**
 * What was counted since the last look: totals always, and of backends, of which there may be ten thousand, those whose
 * counts have changed. All numbers are whole counts, not differences.
 */
export class ChangedCounts {
  readonly #metrics: ProxyMetrics;
  /** A number for each object that grows with whatever it counts. Objects of backends that are back are new ones. */
  readonly #told = new WeakMap<object, number>();

  constructor(metrics: ProxyMetrics) {
    this.#metrics = metrics;
  }

  take(): ProxyCounts {
    const { backends, sessions, queues, ...totals } = { ...this.#metrics };
    return {
      ...totals,
      backends: this.#changed(backends, ({ byStatusClass }) => byStatusClass.reduce((sum, count) => sum + count, 0)),
      sessions: this.#changed(sessions, (counts) => counts.kept + counts.moved + counts.new),
      queues: this.#changed(queues, stepsOf),
    };
  }

  #changed<V extends object>(map: ReadonlyMap<string, V>, stepsOf: (value: V) => number): Map<string, V> {
    const changed = new Map<string, V>();
    for (const [name, value] of map) {
      const steps = stepsOf(value);
      if (this.#told.get(value) === steps) continue;
      this.#told.set(value, steps);
      changed.set(name, value);
    }
    return changed;
  }
}

/** Whoever comes adds one, and whoever leaves one more. */
function stepsOf({ entered, waiting, full, timedOut }: QueueCounts): number {
  return 2 * entered - waiting + full + timedOut;
}

/** Brings what is known up to date. */
export function takeOverCounts(known: ProxyMetrics, changed: ProxyCounts): void {
  const { backends, ownAnswers, upstreamFailures, sessions, refusedRetries, queues, ...numbers } = changed;
  Object.assign(known, numbers);
  setAll(known.backends, backends);
  setAll(known.ownAnswers, ownAnswers);
  setAll(known.upstreamFailures, upstreamFailures);
  setAll(known.sessions, sessions);
  setAll(known.refusedRetries, refusedRetries);
  setAll(known.queues, queues);
}

function setAll<K, V>(known: Map<K, V>, changed: ReadonlyMap<K, V>): void {
  for (const [key, value] of changed) known.set(key, value);
}
