import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlaneProcess } from '@headgate/e2e/harness/control-plane-process';
import { sendAll } from '../load/send-all.ts';
import { LOAD_CORE, pin, PROXY_CORE } from '../machine/cores.ts';
import { databaseBytes } from '../machine/database-bytes.ts';
import { bytesWritten, processorMicros, residentKiB } from '../machine/process-cost.ts';
import type { Part } from '../part.ts';
import { measureHeartbeats, newestVersion, type HeartbeatCost } from '../registering/heartbeats.ts';
import { prepareBackends, SERVERS, type RegisteringServer } from '../registering/registering-server.ts';
import { byPost, byPut, byUpstreamAdd, type RegistrationWay } from '../registering/registration-requests.ts';
import { figure } from '../report/figure.ts';
import type { Findings } from '../report/section.ts';

const PER_SECOND = 1_000;
const SECONDS = 20;
/** Shorter: leases must not end for want of heartbeats. */
const SILENT_SECONDS = 5;
const CONNECTIONS = 100;
/** A registration is in a version within a second of its answer. */
const SETTLED_MS = 2_000;
const LOOK_MS = 20;

/** What servers that register themselves cost the control plane: when they come, and with every heartbeat. */
export const registrationCost: Part = {
  name: 'registration-cost',
  title: 'What registrations cost',
  run: async () => {
    const comings = [
      await withControlPlane((stage) => measureComing(stage, byPost)),
      await withControlPlane(async (stage) => {
        const coming = await measureComing(stage, byPut);
        return { ...coming, heartbeats: await measureAllHeartbeats(stage) };
      }),
    ] as const;
    return findings(comings, comings[1].heartbeats);
  },
};

interface RegistrationStage {
  readonly controlPlane: ControlPlaneProcess;
  readonly dataDir: string;
  readonly servers: readonly RegisteringServer[];
}

async function withControlPlane<T>(measure: (stage: RegistrationStage) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'headgate-bench-registration-'));
  // The first backup would come in the middle of it, and be taken for what heartbeats write.
  const env = { HEADGATE_BACKUP_INTERVAL: 'off' };
  const controlPlane = await ControlPlaneProcess.start({ dataDir, env });
  pin(controlPlane.child.pid, PROXY_CORE);
  try {
    return await measure({ controlPlane, dataDir, servers: await prepareBackends(controlPlane.api) });
  } finally {
    await controlPlane.stop('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** How the servers came, all at once. */
interface Coming {
  readonly way: string;
  /** First request sent → last one acknowledged, and → all in a version, in ms. */
  readonly acknowledgedMs: number;
  readonly versionMs: number;
  readonly versions: number;
  readonly micros: number;
  readonly bytesWritten: number;
  readonly databaseGrowth: number;
  readonly beforeMiB: number;
  readonly afterMiB: number;
}

async function measureComing(
  { controlPlane: { api, apiUrl, child }, dataDir, servers }: RegistrationStage,
  way: RegistrationWay,
): Promise<Coming> {
  const [version, micros, written] = [await newestVersion(api), processorMicros(child.pid), bytesWritten(child.pid)];
  const [database, beforeMiB] = [await databaseBytes(dataDir), residentKiB(child.pid) / 1_024];
  const start = performance.now();
  await sendAll(Number(new URL(apiUrl).port), way.requests(servers), CONNECTIONS);
  const acknowledgedMs = performance.now() - start;
  const settled = await settledVersion(() => newestVersion(api));
  return {
    way: way.name,
    acknowledgedMs,
    versionMs: Math.max(acknowledgedMs, settled.at - start),
    versions: settled.version - version,
    micros: processorMicros(child.pid) - micros,
    bytesWritten: bytesWritten(child.pid) - written,
    databaseGrowth: (await databaseBytes(dataDir)) - database,
    beforeMiB,
    afterMiB: residentKiB(child.pid) / 1_024,
  };
}

/** The version after which none came for a while, and when it was first seen. */
async function settledVersion(ask: () => Promise<number>): Promise<{ readonly version: number; readonly at: number }> {
  let seen = { version: await ask(), at: performance.now() };
  while (performance.now() - seen.at < SETTLED_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const version = await ask();
    if (version !== seen.version) seen = { version, at: performance.now() };
  }
  return seen;
}

async function measureAllHeartbeats(stage: RegistrationStage): Promise<readonly HeartbeatCost[]> {
  const order = { ...stage, perSecond: PER_SECOND, connections: CONNECTIONS, cores: LOAD_CORE };
  const costs = [await measureHeartbeats({ ...order, way: undefined, seconds: SILENT_SECONDS })];
  for (const way of [byPut, byPost, byUpstreamAdd]) {
    costs.push(await measureHeartbeats({ ...order, way, seconds: SECONDS }));
  }
  return costs;
}

function findings(comings: readonly Coming[], heartbeats: readonly HeartbeatCost[]): Findings {
  const versions = heartbeats.reduce((sum, each) => sum + each.versions, 0);
  return {
    method: `${SERVERS} servers of 100 backends, each backend with a token of its own that may register there and nothing else; the control plane alone has core 0, without data planes and without backups. Coming: all servers at once over ${CONNECTIONS} connections. Heartbeats: each server every 10 s, which is ${PER_SECOND} a second, for ${SECONDS} s at a constant rate over ${CONNECTIONS} connections that stay open; "none" is the control plane left alone for ${SILENT_SECONDS} s. Written: \`write_bytes\` of \`/proc/<pid>/io\`, which counts whole pages.`,
    goals: [{ what: 'Versions made by heartbeats', limit: 0, measured: versions, unit: '' }],
    tables: [heartbeatTable(heartbeats), comingTable(comings)],
  };
}

function heartbeatTable(heartbeats: readonly HeartbeatCost[]): Findings['tables'][number] {
  return {
    head: [
      'heartbeats',
      'accepted per second',
      'of a core',
      'µs per heartbeat',
      'request answered, p50 / p99',
      'failed',
      'versions made',
      'written',
      'database grew by',
    ],
    rows: heartbeats.map((of) => [
      of.way,
      figure(of.accepted / of.seconds),
      `${figure(of.micros / of.seconds / 10_000)} %`,
      figure(of.accepted === 0 ? undefined : of.micros / of.accepted),
      `${figure(of.p50)} / ${figure(of.p99)} ms`,
      String(of.failed),
      String(of.versions),
      `${figure(of.bytesWritten / 1_024)} KiB`,
      `${figure(of.databaseGrowth / 1_024)} KiB`,
    ]),
  };
}

function comingTable(comings: readonly Coming[]): Findings['tables'][number] {
  const row = (name: string, show: (of: Coming) => string): readonly string[] => [name, ...comings.map(show)];
  return {
    head: [`${SERVERS} new servers`, ...comings.map(({ way }) => way)],
    rows: [
      row('all acknowledged / all in a version', (of) => `${figure(of.acknowledgedMs)} / ${figure(of.versionMs)} ms`),
      row('versions made', ({ versions }) => String(versions)),
      row('µs of processor time per server', ({ micros }) => figure(micros / SERVERS)),
      row('written', (of) => `${figure(of.bytesWritten / 2 ** 20)} MiB`),
      row('database grew by', (of) => `${figure(of.databaseGrowth / 2 ** 20)} MiB`),
      row('resident memory before / after', (of) => `${figure(of.beforeMiB)} / ${figure(of.afterMiB)} MiB`),
    ],
  };
}
