import { HealthReport, LoadReport, Nack, Verdict } from '@headgate/proto/generated/headgate/v1/control_plane';
import { readHealth, readLoad, readNack } from './read-report.ts';

describe('reading a nack', () => {
  it('cuts texts that are too long and keeps a hundred faults', () => {
    const fault = { object: 'host/x', field: '', code: 'c', reason: 'r'.repeat(5_000) };
    const nack = readNack(
      Nack.fromPartial({ epoch: 'e', version: 3, faults: Array(120).fill(fault), totalFaults: 120 }),
    );
    expect(nack).toMatchObject({ epoch: 'e', version: 3, totalErrors: 120 });
    expect(nack.errors).toHaveLength(100);
    expect(nack.errors[0]!.reason).toHaveLength(1_000);
  });

  it('counts at least the faults that it was given', () => {
    expect(readNack(Nack.fromPartial({ faults: [{}, {}], totalFaults: 0 })).totalErrors).toBe(2);
  });
});

describe('reading a health report', () => {
  it('takes verdicts other than healthy for deviations and the rest for cleared', () => {
    const report = HealthReport.fromPartial({
      full: true,
      deviations: [
        { server: 'a/1:1', verdict: Verdict.VERDICT_UNHEALTHY, sinceMs: 5, lastError: 'refused' },
        { server: 'a/1:2', verdict: Verdict.VERDICT_UNKNOWN },
        { server: 'a/1:3', verdict: Verdict.VERDICT_HEALTHY },
        { server: 'a/1:5', verdict: Verdict.VERDICT_UNHEALTHY, ejected: true },
        { server: 'x'.repeat(500), verdict: Verdict.VERDICT_UNHEALTHY },
      ],
      cleared: ['a/1:4'],
    });
    expect(readHealth(report)).toEqual({
      full: true,
      deviations: [
        { server: 'a/1:1', verdict: 'unhealthy', sinceMs: 5, lastError: 'refused' },
        { server: 'a/1:2', verdict: 'unknown', sinceMs: 0, lastError: '' },
        { server: 'a/1:5', verdict: 'ejected', sinceMs: 0, lastError: '' },
      ],
      cleared: ['a/1:4', 'a/1:3'],
    });
  });
});

describe('reading a load report', () => {
  it('leaves out what is no name of a server', () => {
    const names = ['web/10.0.0.1:80', '10.0.0.1:80', '/10.0.0.1:80', '', `web/${'x'.repeat(500)}`];
    const loads = names.map((server, inFlight) => ({ server, inFlight }));
    expect(readLoad(LoadReport.fromPartial({ full: true, loads }))).toEqual({ full: true, loads: loads.slice(0, 1) });
  });
});
