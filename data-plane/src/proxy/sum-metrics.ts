import { noQueueCounts, type QueueCounts } from '../upstream/admission-queue.ts';
import type { BackendCounters, ProxyMetrics } from './proxy-metrics.ts';

const maps = ['backends', 'ownAnswers', 'upstreamFailures', 'sessions', 'refusedRetries', 'queues'] as const;
const counters = [
  'retries',
  'replacedConnections',
  'upstreamConnections',
  'reusedConnections',
  'refusedConnections',
  'failedAccepts',
] as const;
const gauges = ['inFlight', 'connections', 'tunnels'] as const;

/** The numbers of `ProxyMetrics`, which can be posted to another thread. */
export type ProxyCounts = Pick<ProxyMetrics, (typeof maps | typeof counters | typeof gauges)[number]>;

/** Makes the metrics the sum of all parts. */
export function setToSum(sum: ProxyMetrics, parts: Iterable<ProxyCounts>): void {
  for (const field of maps) sum[field].clear();
  for (const field of [...counters, ...gauges]) sum[field] = 0;
  for (const part of parts) {
    addCounters(sum, part);
    for (const field of gauges) sum[field] += part[field];
    for (const [backend, { waiting }] of part.queues) sum.queueOf(backend).waiting += waiting;
  }
}

/** Adds everything that only grows; what is under way is no more. */
export function addCounters(sum: ProxyMetrics, part: ProxyCounts): void {
  for (const field of counters) sum[field] += part[field];
  addNumbers(sum.ownAnswers, part.ownAnswers);
  addNumbers(sum.upstreamFailures, part.upstreamFailures);
  addNumbers(sum.refusedRetries, part.refusedRetries);
  for (const [name, counted] of part.backends) addBackend(sum, name, counted);
  for (const [name, { kept, moved, new: fresh }] of part.sessions) {
    const known = sum.sessions.get(name) ?? { kept: 0, moved: 0, new: 0 };
    sum.sessions.set(name, { kept: known.kept + kept, moved: known.moved + moved, new: known.new + fresh });
  }
  for (const [name, counted] of part.queues) addQueue(sum.queueOf(name), counted);
}

function addNumbers<K>(sum: Map<K, number>, part: ReadonlyMap<K, number>): void {
  for (const [key, count] of part) sum.set(key, (sum.get(key) ?? 0) + count);
}

function addBackend(
  sum: ProxyMetrics,
  name: string,
  { byStatusClass, receivedBytes, sentBytes }: BackendCounters,
): void {
  const known = sum.backends.get(name);
  sum.backends.set(name, {
    byStatusClass: byStatusClass.map((count, index) => count + (known?.byStatusClass[index] ?? 0)),
    receivedBytes: receivedBytes + (known?.receivedBytes ?? 0),
    sentBytes: sentBytes + (known?.sentBytes ?? 0),
  });
}

function addQueue(sum: QueueCounts, part: QueueCounts): void {
  for (const field of Object.keys(noQueueCounts()) as (keyof QueueCounts)[]) {
    if (field !== 'waiting') sum[field] += part[field];
  }
}
