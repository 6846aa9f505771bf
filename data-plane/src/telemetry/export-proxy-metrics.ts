import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProxyMetrics } from '../proxy/proxy-metrics.ts';
import type { QueueCounts } from '../upstream/admission-queue.ts';

type Single =
  | 'retries'
  | 'replacedConnections'
  | 'upstreamConnections'
  | 'reusedConnections'
  | 'refusedConnections'
  | 'failedAccepts';

const counters: readonly [Single, string, string][] = [
  ['retries', 'headgate_retries_total', 'Attempts at another server'],
  [
    'replacedConnections',
    'headgate_replaced_connections_total',
    'Reused connections that were dead and replaced by fresh ones to the same server',
  ],
  ['upstreamConnections', 'headgate_upstream_connections_total', 'Connections opened to servers'],
  ['reusedConnections', 'headgate_upstream_reuses_total', 'Requests that took an idle connection to their server'],
  ['refusedConnections', 'headgate_refused_connections_total', 'Client connections beyond the limit'],
  ['failedAccepts', 'headgate_failed_accepts_total', 'Client connections that the system could not hand over'],
];

const gauges: readonly ['inFlight' | 'connections' | 'tunnels', string, string][] = [
  ['inFlight', 'headgate_in_flight_requests', 'Requests and tunnels under way'],
  ['connections', 'headgate_client_connections', 'Client connections that are open, tunnels included'],
  ['tunnels', 'headgate_tunnels', 'Tunnels that are open'],
];

/** Registers what the proxy counts; the numbers are read when metrics are asked for. */
export function exportProxyMetrics(registry: Registry, metrics: ProxyMetrics): void {
  const registers = [registry];
  for (const [field, name, help] of counters) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        replace(this, metrics[field]);
      },
    });
  }
  for (const [field, name, help] of gauges) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(metrics[field]);
      },
    });
  }
  exportByBackend(registry, metrics);
  exportByReason(registry, metrics);
  exportSessions(registry, metrics);
  exportQueues(registry, metrics);
}

function exportByBackend(registry: Registry, metrics: ProxyMetrics): void {
  const registers = [registry];
  new Counter({
    name: 'headgate_requests_total',
    help: 'Requests that have ended, by backend ("" for those that belong to none, or to one that is gone) and class of status (0xx: no answer)',
    labelNames: ['backend', 'status_class'],
    registers,
    collect() {
      this.reset();
      for (const [backend, { byStatusClass }] of metrics.backends) {
        byStatusClass.forEach((count, index) => {
          if (count > 0) this.inc({ backend, status_class: `${index}xx` }, count);
        });
      }
    },
  });
  for (const [field, direction] of [
    ['receivedBytes', 'received'],
    ['sentBytes', 'sent'],
  ] as const) {
    new Counter({
      name: `headgate_${direction}_bytes_total`,
      help: `Bytes of content ${direction === 'sent' ? 'sent to' : 'received from'} clients, by backend`,
      labelNames: ['backend'],
      registers,
      collect() {
        this.reset();
        for (const [backend, counted] of metrics.backends) this.inc({ backend }, counted[field]);
      },
    });
  }
}

function exportSessions(registry: Registry, metrics: ProxyMetrics): void {
  new Counter({
    name: 'headgate_sessions_total',
    help: 'Answers of servers of backends with a session, by backend and decision: kept, moved to another server, or new',
    labelNames: ['backend', 'decision'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [backend, counts] of metrics.sessions)
        for (const [decision, count] of Object.entries(counts)) this.inc({ backend, decision }, count);
    },
  });
}

function exportByReason(registry: Registry, metrics: ProxyMetrics): void {
  const registers = [registry];
  new Counter({
    name: 'headgate_own_answers_total',
    help: 'Answers that Headgate gave itself, by reason',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of metrics.ownAnswers) this.inc({ reason }, count);
    },
  });
  new Counter({
    name: 'headgate_retries_refused_total',
    help: 'Failed requests that were not tried at another server, by reason: attempts, not_replayable or budget',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of metrics.refusedRetries) this.inc({ reason }, count);
    },
  });
  new Counter({
    name: 'headgate_upstream_failures_total',
    help: 'Failures of servers, by kind',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset();
      for (const [kind, count] of metrics.upstreamFailures) this.inc({ kind }, count);
    },
  });
}

const queueCounters: readonly [(counts: QueueCounts) => number, string, string][] = [
  [
    (counts) => counts.entered,
    'headgate_queue_entries_total',
    'Requests that have had to wait for a server, by backend',
  ],
  [
    (counts) => counts.waitedMs / 1_000,
    'headgate_queue_wait_seconds_total',
    'Time that requests have waited for a server, once they do so no more, by backend',
  ],
];

/** Of backends that have had to let requests wait. */
function exportQueues(registry: Registry, { queues }: ProxyMetrics): void {
  const registers = [registry];
  new Gauge({
    name: 'headgate_queued_requests',
    help: 'Requests that wait because every server of their backend is at its limit, by backend',
    labelNames: ['backend'],
    registers,
    collect() {
      this.reset();
      for (const [backend, { waiting }] of queues) this.set({ backend }, waiting);
    },
  });
  for (const [read, name, help] of queueCounters) {
    new Counter({
      name,
      help,
      labelNames: ['backend'],
      registers,
      collect() {
        this.reset();
        for (const [backend, counts] of queues) this.inc({ backend }, read(counts));
      },
    });
  }
  new Counter({
    name: 'headgate_queue_rejections_total',
    help: 'Requests that got no place in a queue (full) or waited too long (timeout), by backend and reason',
    labelNames: ['backend', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const [backend, { full, timedOut }] of queues) {
        this.inc({ backend, reason: 'full' }, full);
        this.inc({ backend, reason: 'timeout' }, timedOut);
      }
    },
  });
}

function replace(counter: Counter, value: number): void {
  counter.reset();
  counter.inc(value);
}
