import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlaneProcess } from '@headgate/e2e/harness/control-plane-process';
import { Fleet } from '../fleet/fleet.ts';
import { bulkServer, largeConfiguration } from '../large-configuration.ts';
import { LOAD_CORE, pin } from '../machine/cores.ts';
import { processorMicros, residentKiB } from '../machine/process-cost.ts';
import { median } from '../median.ts';
import type { Part } from '../part.ts';
import { figure } from '../report/figure.ts';
import type { Findings } from '../report/section.ts';

const CHANGES = 15;
const SOME = 1_000;
const MANY = 5_000;

/** Many streams on one control plane, with 10,000 hosts × 10 servers. */
export const streamFleet: Part = {
  name: 'stream-fleet',
  title: 'Many data planes on one control plane',
  run: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'headgate-bench-fleet-'));
    const controlPlane = await ControlPlaneProcess.start({ dataDir: directory });
    const fleet = new Fleet();
    try {
      return await measure(controlPlane, fleet);
    } finally {
      await fleet.stop();
      await controlPlane.stop('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function measure(controlPlane: ControlPlaneProcess, fleet: Fleet): Promise<Findings> {
  const live = { host: 'a.example.com', servers: [{ address: '127.0.0.1', port: 9_999 }] };
  await controlPlane.api.write('PUT', '/api/v1/config', largeConfiguration(10_000, 10, live));
  // What the import has left in memory is not the configuration.
  await restart(controlPlane);
  const aloneMiB = residentMiB(controlPlane);
  const join = async (count: number): Promise<void> => {
    fleet.join(count, { address: controlPlane.grpcAddress, joinToken: await controlPlane.joinToken() });
    await fleet.converged(1);
  };
  await join(SOME);
  const some = await changes(controlPlane, fleet, SOME);
  const listeningMs = await timed(() => restart(controlPlane));
  const backMs = await timed(() => fleet.converged(some.version));
  const restarted = { listeningMs, backMs, beyondMiB: residentMiB(controlPlane) - aloneMiB };
  await join(MANY - SOME);
  const many = await changes(controlPlane, fleet, MANY);
  return findings([some, many], restarted);
}

interface Spread {
  readonly streams: number;
  /** Version after the changes. */
  readonly version: number;
  /** Write sent → every stream has acknowledged, by the control plane's own account, in ms. */
  readonly p50: number;
  readonly largest: number;
  /** Processor time of the control plane for each stream and change. */
  readonly microsPerStream: number;
  readonly bytesPerStream: number;
  readonly controlPlaneMiB: number;
}

async function changes(controlPlane: ControlPlaneProcess, fleet: Fleet, streams: number): Promise<Spread> {
  const { api, child } = controlPlane;
  const { address, port } = bulkServer(1, 0);
  const path = `/api/v1/backends/backend-1/servers/${address}:${port}`;
  const [before, used] = [await fleet.state(), processorMicros(child.pid)];
  const samples: number[] = [];
  let version = 0;
  for (let change = 1; change <= CHANGES; change++) {
    samples.push(
      await timed(async () => {
        ({ version } = await api.write('PATCH', path, { weight: 1 + ((streams + change) % 100) }));
        await api.converge(version);
      }),
    );
  }
  const micros = processorMicros(child.pid) - used;
  await fleet.converged(version);
  const after = await fleet.state();
  return {
    streams,
    version,
    p50: median(samples),
    largest: Math.max(...samples),
    microsPerStream: micros / CHANGES / streams,
    bytesPerStream: (after.bytes - before.bytes) / (after.updates - before.updates),
    controlPlaneMiB: residentMiB(controlPlane),
  };
}

/** As after a crash. */
async function restart(controlPlane: ControlPlaneProcess): Promise<void> {
  await controlPlane.stop('SIGKILL');
  await controlPlane.start();
  pin(controlPlane.child.pid, LOAD_CORE);
}

function residentMiB({ child }: ControlPlaneProcess): number {
  return residentKiB(child.pid) / 1_024;
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

interface Restarted {
  /** From SIGKILL until the control plane listens, in ms. */
  readonly listeningMs: number;
  /** From then until every stream stands again. */
  readonly backMs: number;
  readonly beyondMiB: number;
}

function findings([some, many]: readonly [Spread, Spread], { listeningMs, backMs, beyondMiB }: Restarted): Findings {
  const spread = 'One changed server in 10,000 hosts × 10 servers → all acknowledged';
  return {
    method: `Real gRPC, a connection for each stream; the fake data planes (bench/src/fleet) acknowledge at once and run in one process on the other core, so their own work is in the times. ${CHANGES} changes one after the other; the median. The time goes from the write to the answer of \`GET /api/v1/versions/{version}/convergence?wait=20s\`. Restart: SIGKILL and start, until every stream has been welcomed again.`,
    goals: [
      { what: `${spread}, 1,000 streams`, limit: 150, measured: some.p50, unit: 'ms' },
      { what: `${spread}, 5,000 streams`, limit: 1_000, measured: many.p50, unit: 'ms' },
      { what: 'Control-plane restart, 1,000 streams back', limit: 5_000, measured: listeningMs + backMs, unit: 'ms' },
      {
        what: 'Memory of a control plane with 1,000 streams after a restart, beyond the configuration',
        limit: 300,
        measured: beyondMiB,
        unit: 'MiB',
      },
    ],
    tables: [
      {
        head: [
          'streams',
          'all acknowledged, p50 / largest',
          "control plane's µs per stream",
          'bytes per stream',
          'its memory',
        ],
        rows: [some, many].map((of) => [
          String(of.streams),
          `${figure(of.p50)} / ${figure(of.largest)} ms`,
          figure(of.microsPerStream),
          figure(of.bytesPerStream),
          `${figure(of.controlPlaneMiB)} MiB`,
        ]),
      },
    ],
    notes: [
      `Restart: the control plane listens after ${figure(listeningMs)} ms, and the last of the 1,000 streams is back ${figure(backMs)} ms later; the pause between two attempts of a data plane grows from 0.1 s to 5 s.`,
    ],
  };
}
