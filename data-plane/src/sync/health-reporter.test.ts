import type { HealthReport } from '@headgate/proto/generated/headgate/v1/control_plane';
import { ManualClock } from '@headgate/shared/manual-clock';
import { DeviationSet } from './deviation-set.cases.ts';
import { HealthReporter } from './health-reporter.ts';

describe('the health reporter', () => {
  let clock: ManualClock;
  let source: DeviationSet;
  let sent: HealthReport[];
  let leave: (() => void)[];
  let reporter: HealthReporter;
  beforeEach(() => {
    clock = new ManualClock();
    source = new DeviationSet();
    sent = [];
    leave = [];
    const send = (report: HealthReport): Promise<boolean> => {
      sent.push(report);
      return new Promise((resolve) => leave.push(() => resolve(true)));
    };
    reporter = new HealthReporter({ source, clock, send });
  });

  /** Lets the oldest report that waits leave, and what follows from that happen. */
  async function left(): Promise<void> {
    leave.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }

  function shape(report: HealthReport | undefined): unknown {
    return { full: report?.full, set: report?.deviations.map(({ server }) => server), cleared: report?.cleared };
  }

  it('begins with the full set, also when that is empty', async () => {
    reporter.start();
    expect(sent.map(shape)).toEqual([{ full: true, set: [], cleared: [] }]);
  });

  it('tells who is out because requests have failed from who fails its probes', () => {
    source.set('web/a', 'status 503');
    source.set('web/b', 'ejected after 5 failures in a row', true);
    reporter.start();
    expect(sent[0]?.deviations.map(({ server, ejected }) => [server, ejected])).toEqual([
      ['web/a', false],
      ['web/b', true],
    ]);
  });

  it('sends a large set in several reports, of which the first is full', async () => {
    for (let n = 0; n < 4_500; n++) source.set(`web/10.0.0.1:${n}`);
    reporter.start();
    await left();
    await left();
    await left();
    expect(sent.map(({ full, deviations }) => [full, deviations.length])).toEqual([
      [true, 2_000],
      [false, 2_000],
      [false, 500],
    ]);
  });

  it('gathers changes over 200 ms, each server once', async () => {
    reporter.start();
    await left();
    source.set('web/10.0.0.1:1');
    source.set('web/10.0.0.1:2');
    clock.advance(199);
    source.set('web/10.0.0.1:3');
    source.clear('web/10.0.0.1:2');
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(shape(sent[1])).toEqual({
      full: false,
      set: ['web/10.0.0.1:1', 'web/10.0.0.1:3'],
      cleared: ['web/10.0.0.1:2'],
    });
  });

  it('waits for a report to leave before it sends the next', async () => {
    source.set('web/10.0.0.1:1');
    reporter.start();
    source.set('web/10.0.0.1:2');
    source.clear('web/10.0.0.1:1');
    clock.advance(10_000);
    expect(sent).toHaveLength(1);
    await left();
    clock.advance(200);
    expect(shape(sent[1])).toEqual({ full: false, set: ['web/10.0.0.1:2'], cleared: ['web/10.0.0.1:1'] });
  });

  it('is silent while nothing changes, and for good when it is stopped', async () => {
    reporter.start();
    await left();
    clock.advance(60_000);
    expect(sent).toHaveLength(1);
    source.set('web/10.0.0.1:1');
    reporter.stop();
    clock.advance(60_000);
    expect(sent).toHaveLength(1);
    expect(source.listeners).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('cuts long error texts', () => {
    source.set('web/10.0.0.1:1', 'x'.repeat(10_000));
    reporter.start();
    expect(sent[0]?.deviations[0]?.lastError).toHaveLength(500);
  });
});
