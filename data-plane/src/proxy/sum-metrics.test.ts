import { ChangedCounts, takeOverCounts } from './changed-counts.ts';
import { ProxyMetrics } from './proxy-metrics.ts';
import { addCounters, setToSum } from './sum-metrics.ts';

const bytes = { received: 10, sent: 20 };

function counted(): ProxyMetrics {
  const metrics = new ProxyMetrics();
  metrics.requestEnded('web', 200, bytes);
  metrics.requestEnded('web', 503, bytes);
  metrics.ownAnswer('overloaded');
  metrics.upstreamFailure('connect_failed');
  metrics.retryRefused('budget');
  metrics.sessionAnswered('web', 'kept');
  Object.assign(metrics.queueOf('web'), { waiting: 1, entered: 3, waitedMs: 5, full: 2, timedOut: 1 });
  Object.assign(metrics, { retries: 4, inFlight: 6, connections: 7, tunnels: 1 });
  return metrics;
}

describe('metrics of several threads', () => {
  it('are summed up', () => {
    const sum = counted();
    setToSum(sum, [counted(), counted()]);
    expect(sum.backends.get('web')).toEqual({
      byStatusClass: Float64Array.of(0, 0, 2, 0, 0, 2),
      receivedBytes: 40,
      sentBytes: 80,
    });
    expect([sum.ownAnswers.get('overloaded'), sum.upstreamFailures.get('connect_failed')]).toEqual([2, 2]);
    expect([sum.refusedRetries.get('budget'), sum.sessions.get('web')]).toEqual([2, { kept: 2, moved: 0, new: 0 }]);
    expect(sum.queues.get('web')).toEqual({ waiting: 2, entered: 6, waitedMs: 10, full: 4, timedOut: 2 });
    expect([sum.retries, sum.inFlight, sum.connections, sum.tunnels]).toEqual([8, 12, 14, 2]);
  });

  it('keep what a thread has counted that is gone, but not what it had under way', () => {
    const gone = new ProxyMetrics();
    addCounters(gone, counted());
    expect([gone.retries, gone.backends.get('web')?.sentBytes]).toEqual([4, 40]);
    expect([gone.inFlight, gone.connections, gone.tunnels, gone.queues.get('web')?.waiting]).toEqual([0, 0, 0, 0]);
  });

  it('are told without the backends that have not changed since', () => {
    const metrics = counted();
    const changed = new ChangedCounts(metrics);
    const known = new ProxyMetrics();
    takeOverCounts(known, structuredClone(changed.take()));
    expect(changed.take()).toMatchObject({ backends: new Map(), sessions: new Map(), queues: new Map() });
    metrics.requestEnded('web', 200, bytes);
    metrics.queueOf('web').waiting--;
    metrics.retries++;
    const later = changed.take();
    expect([[...later.backends.keys()], later.sessions.size, later.queues.size]).toEqual([['web'], 0, 1]);
    takeOverCounts(known, structuredClone(later));
    expect({ ...known }).toEqual({ ...metrics });
  });

  it('are told anew of a backend that was gone and is back', () => {
    const metrics = new ProxyMetrics();
    const changed = new ChangedCounts(metrics);
    metrics.requestEnded('web', 200, bytes);
    changed.take();
    metrics.forgetBackend('web');
    metrics.requestEnded('web', 200, bytes);
    expect(changed.take().backends.size).toBe(1);
  });
});
