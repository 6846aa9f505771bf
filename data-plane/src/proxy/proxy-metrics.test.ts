import { ProxyMetrics } from './proxy-metrics.ts';

describe('ProxyMetrics', () => {
  it('counts requests by backend and class of status, and those without an answer apart', () => {
    const metrics = new ProxyMetrics();
    for (const status of [200, 204, 404, 599, 101, 0]) metrics.requestEnded('web', status, { received: 1, sent: 2 });
    const counters = metrics.backends.get('web');
    expect([...(counters?.byStatusClass ?? [])]).toEqual([1, 1, 2, 0, 1, 1]);
    expect([counters?.receivedBytes, counters?.sentBytes]).toEqual([6, 12]);
  });

  it('names every kind of failure from the start, so that rates begin at 0', () => {
    expect(new ProxyMetrics().upstreamFailures.get('connect_failed')).toBe(0);
  });

  it('names every reason against a retry from the start, and counts by it', () => {
    const metrics = new ProxyMetrics();
    metrics.retryRefused('budget');
    expect([...metrics.refusedRetries]).toEqual([
      ['attempts', 0],
      ['not_replayable', 0],
      ['budget', 1],
    ]);
  });

  it('has one set of numbers for the queue of a backend', () => {
    const metrics = new ProxyMetrics();
    metrics.queueOf('web').waiting++;
    expect(metrics.queueOf('web').waiting).toBe(1);
  });

  it('forgets a backend that is gone', () => {
    const metrics = new ProxyMetrics();
    metrics.requestEnded('web', 200, { received: 0, sent: 0 });
    metrics.queueOf('web');
    metrics.forgetBackend('web');
    expect([metrics.backends.size, metrics.queues.size]).toEqual([0, 0]);
  });
});
