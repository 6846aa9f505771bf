import { inRounds } from '../in-rounds.ts';
import { constantRate } from '../load/constant-rate.ts';
import { goingFirst } from '../machine/going-first.ts';
import { processorMicros } from '../machine/process-cost.ts';
import { median } from '../median.ts';
import type { Part } from '../part.ts';
import { oneHost } from '../peers/headgate-site.ts';
import { envoy, haproxy, nginx, tcpFloor } from '../peers/peers.ts';
import { Stage } from '../peers/stage.ts';
import { percentile } from '../percentile.ts';
import { figure } from '../report/figure.ts';
import type { Findings } from '../report/section.ts';

const OURS = 'Headgate';
const RATE = { perSecond: 5_000, seconds: 3, connections: 64 };
/** Until the rate is steady, in ms. */
const SETTLING_MS = 300;

interface Tail {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Processor time of the proxy. */
  readonly microsPerRequest: number;
  readonly failed: number;
}

/** Latency at a fixed rate. */
export const tailLatency: Part = {
  name: 'tail-latency',
  title: 'How long requests take at 5,000 a second',
  run: ({ rounds }) => goingFirst((first) => Stage.with((stage) => measure(stage, rounds, first))),
};

async function measure(stage: Stage, rounds: number, first: boolean): Promise<Findings> {
  const site = await stage.site({
    configuration: oneHost(stage.origin.endpoints),
    planes: [
      { name: OURS, engine: 'headgate' },
      { name: 'Headgate, engine http-proxy', engine: 'http-proxy' },
    ],
  });
  const proxies = [...site.proxies, ...(await stage.peers([haproxy, nginx, envoy, tcpFloor]))];
  for (const { port } of proxies) await constantRate({ port, ...RATE, seconds: 1 });
  const tails = await inRounds(proxies, rounds, tailOf);
  return {
    method: `A client of the benchmark's own at a constant rate (64 connections, requests due every millisecond, a wait for a free connection counts), ${RATE.seconds} s a round, ${rounds} rounds. All of it runs at a raised priority, so that other work on the machine is measured as little as can be.`,
    goals: [goalOf(tails)],
    tables: [
      { head: ['', 'p50', 'p99', 'p99.9', 'µs of processor time per request', 'failed'], rows: [...tails].map(rowOf) },
    ],
    versions: stage.versions,
    notes: first
      ? stage.missing
      : [...stage.missing, 'Without the right to raise priorities: what else ran is in the figures.'],
  };
}

async function tailOf({ port, pid }: { readonly port: number; readonly pid: number }): Promise<Tail> {
  const before = processorMicros(pid);
  const { answers, failed } = await constantRate({ port, ...RATE });
  const microsPerRequest = (processorMicros(pid) - before) / answers.length;
  const begin = (answers[0]?.[0] ?? 0) + SETTLING_MS;
  const took = answers.filter(([dueMs]) => dueMs >= begin).map(([, tookMs]) => tookMs);
  return {
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    p999: percentile(took, 0.999),
    microsPerRequest,
    failed,
  };
}

/** The median of the differences of the rounds. */
function goalOf(tails: ReadonlyMap<string, readonly Tail[]>): Findings['goals'][number] {
  const [ours, theirs] = [tails.get(OURS) ?? [], tails.get(haproxy.name)];
  const what = "p99 at 5,000 requests a second − HAProxy's";
  if (theirs === undefined) return { what, limit: 0.3, unit: 'ms', why: 'HAProxy is not installed' };
  const measured = median(ours.map(({ p99 }, round) => p99 - (theirs[round]?.p99 ?? NaN)));
  return { what, limit: 0.3, measured, unit: 'ms' };
}

function rowOf([name, samples]: readonly [string, readonly Tail[]]): readonly string[] {
  const cell = (pick: (tail: Tail) => number): string => `${figure(median(samples.map(pick)))} ms`;
  const failed = samples.reduce((sum, tail) => sum + tail.failed, 0);
  const micros = figure(median(samples.map(({ microsPerRequest }) => microsPerRequest)));
  return [name, cell(({ p50 }) => p50), cell(({ p99 }) => p99), cell(({ p999 }) => p999), micros, String(failed)];
}
