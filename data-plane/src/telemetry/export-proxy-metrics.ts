import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProxyMetrics } from '../proxy/proxy-metrics.ts';

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
}

function exportByBackend(registry: Registry, metrics: ProxyMetrics): void {
  const registers = [registry];
  new Counter({
    name: 'headgate_requests_total',
    help: 'Requests that have ended, by backend ("" for those that belong to none) and class of status (0xx: no answer)',
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

function replace(counter: Counter, value: number): void {
  counter.reset();
  counter.inc(value);
}
