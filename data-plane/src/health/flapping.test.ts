import { HealthReporter, type HealthReporterOptions } from '../sync/health-reporter.ts';
import { RawServer, until } from './probe.cases.ts';
import { closeOpened, local, opened, Plane, web } from './probed-plane.cases.ts';

afterEach(closeOpened);

type HealthReport = Parameters<HealthReporterOptions['send']>[0];

const SERVERS = 50;
const INTERVAL_MS = 1_000;
/** Of the reporter. */
const PERIOD_MS = 200;

describe('50 servers that flap at half the interval', () => {
  it('are probed no more often for it, reported at most once each in a period, and leave no timer, socket or handle when they go', async () => {
    const handlesBefore = handles();
    const plane = new Plane();
    // Up and down by the clock: every probe finds another answer than the one before.
    const origins = await Promise.all(
      Array.from({ length: SERVERS }, () =>
        RawServer.start((socket) => {
          const up = Math.floor(plane.clock.monotonic() / (INTERVAL_MS / 2)) % 3 !== 0;
          socket.once('data', () => socket.end(`HTTP/1.1 ${up ? 200 : 503} x\r\n\r\n`));
        }),
      ),
    );
    opened.push(...origins);
    const reports: { readonly atMs: number; readonly report: HealthReport }[] = [];
    const reporter = new HealthReporter({
      source: plane.health,
      clock: plane.clock,
      send: (report) => Promise.resolve(reports.push({ atMs: plane.clock.monotonic(), report }) > 0),
    });
    reporter.start();
    const check = { intervalMs: INTERVAL_MS, timeoutMs: 500, rise: 1, fall: 1, jitterPercent: 20 };
    await plane.serve(web(check), ...origins.map(({ port }) => local('web', port)));
    let told = 0;
    plane.health.onChange(() => told++);
    const runMs = 20_000;
    await plane.run(runMs, 50);

    const changes = plane.health.changes.healthy + plane.health.changes.unhealthy;
    expect(changes).toBeGreaterThan(SERVERS * 5);
    // All the work there is: a probe for each interval, and no more than one word to listeners for each probe.
    expect(plane.ended()).toBeLessThanOrEqual(SERVERS * (runMs / (0.8 * INTERVAL_MS) + 1));
    expect(told).toBeLessThanOrEqual(plane.ended());
    expect(reports.length).toBeLessThanOrEqual(runMs / PERIOD_MS + 1);
    for (const { report } of reports) {
      const servers = [...report.deviations.map(({ server }) => server), ...report.cleared];
      expect(new Set(servers).size).toBe(servers.length);
    }
    const gaps = reports.slice(2).map(({ atMs }, index) => atMs - reports[index + 1]!.atMs);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(PERIOD_MS);

    await plane.serve(web(check));
    await plane.serving.settled;
    plane.clock.advance(PERIOD_MS);
    await until(() => plane.clock.pending === 0);
    expect(stateAfter(reports.map(({ report }) => report))).toEqual([]);
    reporter.stop();
    expect([plane.clock.pending, plane.health.size, plane.prober.load.running]).toEqual([0, 0, 0]);
    await closeOpened();
    await until(() => handles() <= handlesBefore); // they go when their close is done
  });
});

/** What a control plane holds for unhealthy after these reports. */
function stateAfter(reports: readonly HealthReport[]): readonly string[] {
  const held = new Set<string>();
  for (const { full, deviations, cleared } of reports) {
    if (full) held.clear();
    for (const server of cleared) held.delete(server);
    for (const { server } of deviations) held.add(server);
  }
  return [...held].sort();
}

/** Sockets and servers of this process. Timers are the clock's, which has none left. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
}
