import type { LoadReport } from '@headgate/proto/generated/headgate/v1/control_plane';
import { ManualClock } from '@headgate/shared/manual-clock';
import { LoadReporter } from './load-reporter.ts';

describe('the load reporter', () => {
  let clock: ManualClock;
  let counts: Map<string, number>;
  let sent: LoadReport[];
  let leave: ((sent: boolean) => void)[];
  let reporter: LoadReporter;
  beforeEach(() => {
    clock = new ManualClock();
    counts = new Map();
    sent = [];
    leave = [];
    const send = (report: LoadReport): Promise<boolean> => {
      sent.push(report);
      return new Promise((resolve) => leave.push(resolve));
    };
    reporter = new LoadReporter({ source: { busy: () => counts }, clock, send });
  });

  /** The oldest report that waits leaves, or is lost with the stream, and what follows from that happens. */
  async function left(arrived = true): Promise<void> {
    leave.shift()?.(arrived);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** What a control plane knows that has heard everything. */
  function heard(): Map<string, number> {
    const known = new Map<string, number>();
    for (const { full, loads } of sent) {
      if (full) known.clear();
      for (const { server, inFlight } of loads) {
        if (inFlight === 0) known.delete(server);
        else known.set(server, inFlight);
      }
    }
    return known;
  }

  it('begins with the full set, also when that is empty', () => {
    reporter.start();
    expect(sent).toEqual([{ full: true, loads: [] }]);
  });

  it('tells what differs, two seconds after the report before has left', async () => {
    counts.set('web/a', 3).set('web/b', 1).set('web/c', 7);
    reporter.start();
    await left();
    counts.set('web/a', 4).set('web/d', 2).delete('web/b');
    clock.advance(1_999);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(sent[1]).toEqual({
      full: false,
      loads: [
        { server: 'web/a', inFlight: 4 },
        { server: 'web/d', inFlight: 2 },
        { server: 'web/b', inFlight: 0 },
      ],
    });
    expect(heard()).toEqual(counts);
  });

  it('says nothing while nothing differs, and looks on', async () => {
    counts.set('web/a', 3);
    reporter.start();
    await left();
    counts.set('web/a', 9);
    counts.set('web/a', 3);
    for (let period = 0; period < 5; period++) {
      clock.advance(2_000);
      await left();
    }
    expect(sent).toHaveLength(1);
    counts.clear();
    clock.advance(2_000);
    expect(sent[1]).toEqual({ full: false, loads: [{ server: 'web/a', inFlight: 0 }] });
  });

  it('sends a large set in several reports, of which the first is full, one after the other', async () => {
    for (let port = 0; port < 4_500; port++) counts.set(`web/10.0.0.1:${port}`, 1);
    reporter.start();
    expect(sent).toHaveLength(1);
    for (let report = 0; report < 3; report++) await left();
    expect(sent.map(({ full, loads }) => [full, loads.length])).toEqual([
      [true, 2_000],
      [false, 2_000],
      [false, 500],
    ]);
    expect(heard()).toEqual(counts);
  });

  it('waits for a report to leave before it looks again', async () => {
    reporter.start();
    counts.set('web/a', 1);
    clock.advance(60_000);
    expect(sent).toHaveLength(1);
    await left();
    counts.set('web/a', 2);
    clock.advance(2_000);
    expect(sent[1]).toEqual({ full: false, loads: [{ server: 'web/a', inFlight: 2 }] });
  });

  it.each<[string, () => Promise<void>]>([
    ['it is stopped between two reports', async () => (await left(), reporter.stop())],
    ['it is stopped while one leaves', async () => (reporter.stop(), left())],
    ['the stream has ended', () => left(false)],
  ])('is silent for good when %s', async (_, end) => {
    reporter.start();
    await end();
    counts.set('web/a', 1);
    clock.advance(60_000);
    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});
