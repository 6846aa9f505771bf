import { Counter, Histogram, type Registry } from 'prom-client';
import type { Answer } from '../api/api-app.ts';

/** Counts answers of the API by operation and status; paths are no labels, because callers choose them. */
export function createApiMetrics(registry: Registry): (answer: Answer) => void {
  const registers = [registry];
  const requests = new Counter({
    name: 'headgate_api_requests_total',
    help: 'Requests to the API, by operation (none: no such path or method) and HTTP status',
    labelNames: ['operation', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'headgate_api_request_duration_seconds',
    help: 'From the head of a request to the end of its answer, by operation',
    labelNames: ['operation'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers,
  });
  return ({ operation, status, durationMs }) => {
    requests.inc({ operation, status: String(status) });
    seconds.observe({ operation }, durationMs / 1_000);
  };
}
