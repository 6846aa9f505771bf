import { join } from 'node:path';
import { waitUntil } from '@headgate/e2e/harness/wait-until';
import { CountingRelay } from '../counting-relay.ts';
import { longestStall, stallWatch } from '../event-loop-stalls.ts';
import { largeConfiguration } from '../large-configuration.ts';
import { constantRate, type RateReport } from '../load/constant-rate.ts';
import { wrk } from '../load/wrk.ts';
import { BOTH_CORES } from '../machine/cores.ts';
import { goingFirst } from '../machine/going-first.ts';
import { residentKiB } from '../machine/process-cost.ts';
import { median } from '../median.ts';
import type { Part } from '../part.ts';
import type { Endpoint } from '../peers/endpoint.ts';
import type { HeadgateSite } from '../peers/headgate-site.ts';
import { Stage } from '../peers/stage.ts';
import { percentile } from '../percentile.ts';
import { figure } from '../report/figure.ts';
import type { Findings } from '../report/section.ts';

const TIMES = 3;
const RATE = { perSecond: 2_000, seconds: 14, connections: 32 };
const QUIET_MS = 2_500;
/** Bytes that come before a snapshot does: settings of HTTP/2, Welcome. */
const GREETING_BYTES = 4_096;

/** A full snapshot of 10,000 hosts × 10 servers, every object of it new, applied while requests are served. */
export const fullSnapshot: Part = {
  name: 'full-snapshot',
  title: 'A full snapshot under load',
  run: () => goingFirst(() => Stage.with(measure)),
};

interface Applied {
  readonly stallMs: number;
  readonly quietStallMs: number;
  readonly quietP99: number;
  readonly p99: number;
  readonly tookMs: number;
  readonly mib: number;
  readonly failed: number;
}

async function measure(stage: Stage): Promise<Findings> {
  const stalls = join(stage.workspace.directory, 'stalls');
  let relay: CountingRelay | undefined;
  const site = await stage.site({
    configuration: configurationOf(stage.origin.endpoints, 1),
    planes: [{ name: 'stalled', engine: 'headgate', cores: BOTH_CORES, env: stallWatch(stalls) }],
    through: (address) => (relay = new CountingRelay(address)).start(),
  });
  try {
    await wrk({ port: site.plane('stalled').port });
    const applied: Applied[] = [];
    for (let time = 1; time <= TIMES; time++) {
      const configuration = configurationOf(stage.origin.endpoints, time + 1);
      applied.push(await applyUnderLoad({ site, relay: relay!, stalls, configuration }));
    }
    return findings(applied);
  } finally {
    relay?.close();
  }
}

interface Scene {
  readonly site: HeadgateSite;
  readonly relay: CountingRelay;
  readonly stalls: string;
  readonly configuration: unknown;
}

async function applyUnderLoad({ site, relay, stalls, configuration }: Scene): Promise<Applied> {
  const { pid } = site.plane('stalled').child;
  relay.interrupt();
  const { version } = await site.controlPlane.api.write('PUT', '/api/v1/config?force=true', configuration);
  // A control plane that has just started knows no deltas.
  await site.controlPlane.stop('SIGKILL');
  await site.controlPlane.start();
  site.makeWay();
  const load = constantRate({ port: site.plane('stalled').port, ...RATE });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await longestStall(pid, stalls);
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const quietStallMs = await longestStall(pid, stalls);
  const before = relay.bytesDown;
  relay.resume();
  await waitUntil('the snapshot begins to come', () => relay.bytesDown > before + GREETING_BYTES);
  const begin = unixMs();
  await site.controlPlane.api.converge(version);
  const end = unixMs();
  const stallMs = await longestStall(pid, stalls);
  const report = await load;
  return {
    stallMs,
    quietStallMs,
    quietP99: p99Between(report, begin - QUIET_MS, begin),
    p99: p99Between(report, begin, end),
    tookMs: end - begin,
    mib: residentKiB(pid) / 1_024,
    failed: report.failed,
  };
}

function p99Between({ answers, timeOriginMs }: RateReport, begin: number, end: number): number {
  const within = answers.filter(([dueMs]) => dueMs + timeOriginMs >= begin && dueMs + timeOriginMs < end);
  return percentile(
    within.map(([, tookMs]) => tookMs),
    0.99,
  );
}

function unixMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Every server has this weight: another weight makes every server another one. */
function configurationOf(servers: readonly Endpoint[], weight: number): unknown {
  const live = { host: 'a.example.com', servers };
  const { backends, hosts } = largeConfiguration(10_000, 10, live);
  return {
    backends: backends.map((each) => ({ ...each, servers: each.servers.map((server) => ({ ...server, weight })) })),
    hosts,
  };
}

function findings(applied: readonly Applied[]): Findings {
  const failed = applied.reduce((sum, each) => sum + each.failed, 0);
  const row = (of: Applied): readonly string[] => [
    `${figure(of.tookMs)} ms`,
    `${figure(of.quietStallMs)} / ${figure(of.stallMs)} ms`,
    `${figure(of.quietP99)} / ${figure(of.p99)} ms`,
    `${figure(of.mib)} MiB`,
    String(of.failed),
  ];
  return {
    method: `${RATE.perSecond} requests a second at a constant rate. The stream is cut, the weight of every server is changed, the control plane is restarted so that it knows no delta, and the stream is let through again; ${TIMES} times. Stalls by \`monitorEventLoopDelay\` with a resolution of 1 ms inside the data plane. The data plane may use both cores (its garbage collector has threads), and all but the control plane runs at a raised priority.`,
    goals: [
      {
        what: 'Longest stall of the event loop while a full snapshot of 10,000 hosts × 10 servers is applied',
        limit: 20,
        measured: median(applied.map(({ stallMs }) => stallMs)),
        unit: 'ms',
      },
      {
        what: 'p99 of requests meanwhile ÷ before',
        limit: 2,
        measured: median(applied.map(({ p99, quietP99 }) => p99 / quietP99)),
        unit: '×',
      },
      { what: 'Requests that failed meanwhile', limit: 0, measured: failed, unit: '' },
    ],
    tables: [
      {
        head: [
          'first bytes → acknowledged',
          'longest stall, quiet / meanwhile',
          'p99, quiet / meanwhile',
          'resident',
          'failed',
        ],
        rows: applied.map(row),
      },
    ],
  };
}
