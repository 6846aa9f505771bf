import { metricValue } from '../src/harness/metric-value.ts';
import { seededRandom } from '../src/harness/seeded-random.ts';
import { siteHost } from '../src/harness/site.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';
import { ConfigurationChurn } from './mixed-traffic/configuration-churn.ts';
import { MixedOrigin } from './mixed-traffic/mixed-origin.ts';
import { ProcessSamples } from './mixed-traffic/process-samples.ts';
import { trafficKinds, type TrafficContext } from './mixed-traffic/traffic-kinds.ts';

export interface MixedTrafficOptions {
  readonly durationMs: number;
  readonly seed: number;
  /** How much memory and descriptors may grow over the time, as a share. */
  readonly maxGrowth: number;
  /** Says what was seen. */
  readonly report?: (text: string) => void;
}

const MAX_FAILURES = 20;
const gauges = [
  'headgate_in_flight_requests',
  'headgate_client_connections',
  'headgate_tunnels',
  'headgate_queued_requests',
];

/** Traffic of every kind, and changes of the configuration, over real processes with the headgate engine. */
export function describeMixedTraffic({ durationMs, seed, maxGrowth, report }: MixedTrafficOptions): void {
  describe('mixed traffic under changes of the configuration', () => {
    let system: System;
    let origins: readonly MixedOrigin[];

    beforeAll(async () => {
      system = await System.start({ servers: 0, dataPlaneEnv: { HEADGATE_ENGINE: 'headgate' } });
      origins = await Promise.all(Array.from({ length: 4 }, () => new MixedOrigin().start()));
    }, 60_000);

    afterAll(async () => {
      await system?.close();
      await Promise.all((origins ?? []).map((origin) => origin.stop()));
    });

    it(
      `fails no request, leaves nothing behind, and takes no more and more memory, in ${durationMs / 1_000} s`,
      async () => {
        const random = seededRandom(seed);
        const ports = origins.map(({ port }) => port);
        const churn = new ConfigurationChurn({ system, host: siteHost, ports, random });
        await churn.begin();
        const watched = [system.dataPlane, system.controlPlane].map(({ child }) => new ProcessSamples(child.pid));
        const atFirst = await descriptors(watched);

        const stop = new AbortController();
        const context: TrafficContext = { port: system.dataPlane.port, host: siteHost, random };
        const load = new MixedLoad(context, stop.signal);
        const running = [load.run(), churn.run(stop.signal)];
        if (isLinux)
          running.push(...watched.map((samples) => samples.run(Math.min(1_000, durationMs / 100), stop.signal)));
        const timer = setTimeout(() => stop.abort(), durationMs);
        await Promise.all(running).finally(() => clearTimeout(timer));

        report?.(JSON.stringify({ seed, changes: churn.changes, ...load.rounds, ...summaryOf(watched) }));
        expect(load.failures).toEqual([]);
        expect(Object.values(load.rounds).every((rounds) => rounds > 0)).toBe(true);
        expect(churn.changes).toBeGreaterThan(durationMs / 1_000);
        await waitUntil('everything that is counted is back to zero', () => isAtRest(system));
        await expectFlat(watched, atFirst, maxGrowth);
        await expectSoundPlanes(system);
      },
      durationMs + 120_000,
    );
  });
}

const isLinux = process.platform === 'linux';

/** Connections of every kind, one after the other, until it is stopped. */
class MixedLoad {
  readonly failures: string[] = [];
  readonly rounds: Record<string, number> = {};
  readonly #context: TrafficContext;
  readonly #stop: AbortSignal;

  constructor(context: TrafficContext, stop: AbortSignal) {
    this.#context = context;
    this.#stop = stop;
  }

  async run(): Promise<void> {
    await Promise.all(trafficKinds.flatMap((kind) => Array.from({ length: kind.atOnce }, () => this.#repeat(kind))));
  }

  async #repeat({ name, run }: (typeof trafficKinds)[number]): Promise<void> {
    while (!this.#stop.aborted && this.failures.length < MAX_FAILURES) {
      await run(this.#context).catch((error: unknown) => this.failures.push(`${name}: ${String(error)}`));
      this.rounds[name] = (this.rounds[name] ?? 0) + 1;
    }
  }
}

async function isAtRest(system: System): Promise<boolean> {
  const text = await system.dataPlane.metrics();
  return gauges.every((gauge) => metricValue(text, gauge) === 0);
}

async function descriptors(watched: readonly ProcessSamples[]): Promise<readonly number[]> {
  if (!isLinux) return [];
  return Promise.all(watched.map(async (samples) => (await samples.take()).descriptors));
}

/** Idle connections to servers are closed after some seconds. */
async function expectFlat(
  watched: readonly ProcessSamples[],
  atFirst: readonly number[],
  maxGrowth: number,
): Promise<void> {
  if (!isLinux) return;
  const growth = watched.map((samples) => [samples.growth('rssBytes'), samples.growth('descriptors')]);
  expect(growth.flat().filter((share) => share > maxGrowth)).toEqual([]);
  const spare = 5; // the listener for metrics keeps connections, and the stream may be another
  await waitUntil(
    'all descriptors are given back',
    async () => (await descriptors(watched)).every((count, index) => count <= atFirst[index]! + spare),
    30_000,
  );
}

async function expectSoundPlanes(system: System): Promise<void> {
  const children = [system.dataPlane.child, system.controlPlane.child];
  const bad = children.flatMap(({ output }) =>
    output.split('\n').filter((line) => /"level":"(error|fatal)"|nhandled/.test(line)),
  );
  expect(bad).toEqual([]);
  expect(children.map(({ ended }) => ended)).toEqual([false, false]);
  await system.dataPlane.stop();
  expect(system.dataPlane.child.exitCode).toBe(0);
}

function summaryOf(watched: readonly ProcessSamples[]): Record<string, unknown> {
  if (!isLinux) return {};
  const [dataPlane, controlPlane] = watched.map((samples) => ({
    rssMegabytes: [samples.samples[0]!, samples.samples.at(-1)!].map(({ rssBytes }) => Math.round(rssBytes / 1e6)),
    rssGrowth: samples.growth('rssBytes').toFixed(3),
    descriptorGrowth: samples.growth('descriptors').toFixed(3),
  }));
  return { dataPlane, controlPlane };
}
