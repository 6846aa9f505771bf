import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlaneProcess } from '@headgate/e2e/harness/control-plane-process';
import { DataPlaneProcess } from '@headgate/e2e/harness/data-plane-process';
import { DemoServer } from '@headgate/e2e/harness/demo-server';
import { KeepAliveClient } from '@headgate/e2e/harness/keep-alive-client';
import { CountingRelay } from './counting-relay.ts';
import { largeConfiguration } from './large-configuration.ts';
import { percentile } from './percentile.ts';

/** Clients that ask all the time while changes under load are measured. */
export const LOAD_CLIENTS = 16;

/** How changes of one host travelled. */
export interface Travel {
  /** Write sent → acknowledged, in ms. */
  readonly writeP50: number;
  readonly writeP99: number;
  /** Write acknowledged → first request that is routed by it has been answered, in ms. */
  readonly routedP50: number;
  readonly routedP99: number;
  readonly bytesPerChange: number;
}

export interface PropagationFigures {
  readonly hosts: number;
  readonly servers: number;
  /** PUT of the whole configuration until its answer, and until the data plane serves it, in ms. */
  readonly importMs: number;
  readonly convergedMs: number;
  /** With one client that asks after each change. */
  readonly quiet: Travel;
  /** With LOAD_CLIENTS more that ask all the time. */
  readonly loaded: Travel;
  readonly controlPlaneMiB: number;
  readonly dataPlaneMiB: number;
  /** Start of a data plane's process, the control plane away, until it serves from its disk copy, in ms. */
  readonly coldStartMs: number;
}

/** Measures how a change travels from the API to live traffic, with a configuration of the given size loaded. */
export async function measureChangePropagation(hosts: number, changes: number): Promise<PropagationFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
  const servers = await Promise.all(['one', 'two'].map((name) => new DemoServer(name).start()));
  const controlPlane = await ControlPlaneProcess.start({ dataDir: join(directory, 'control-plane') });
  const relay = new CountingRelay(controlPlane.grpcAddress);
  const dataPlane = await DataPlaneProcess.start({
    id: 'bench',
    stateDir: join(directory, 'data-plane'),
    controlPlane: await relay.start(),
    joinToken: await controlPlane.joinToken(),
  });
  try {
    const load = await importConfiguration(
      controlPlane,
      largeConfiguration(
        hosts,
        10,
        servers.map(({ port }) => port),
      ),
    );
    const on = { controlPlane, dataPlane, relay, changes };
    const quiet = await changeAndAsk(on);
    const loaded = await underLoad(dataPlane.port, () => changeAndAsk(on));
    const memory = {
      controlPlaneMiB: await residentMiB(controlPlane.child.pid),
      dataPlaneMiB: await residentMiB(dataPlane.child.pid),
    };
    return {
      hosts,
      servers: 10,
      ...load,
      quiet,
      loaded,
      ...memory,
      coldStartMs: await coldStart(dataPlane, controlPlane),
    };
  } finally {
    await dataPlane.stop('SIGKILL');
    await controlPlane.stop('SIGKILL');
    relay.close();
    await Promise.all(servers.map((server) => server.stop()));
    await rm(directory, { recursive: true, force: true });
  }
}

async function importConfiguration(
  controlPlane: ControlPlaneProcess,
  configuration: unknown,
): Promise<Pick<PropagationFigures, 'importMs' | 'convergedMs'>> {
  const start = performance.now();
  const { version } = await controlPlane.api.write('PUT', '/api/v1/config', configuration);
  const importMs = performance.now() - start;
  await controlPlane.api.converge(version, '60s');
  return { importMs, convergedMs: performance.now() - start };
}

async function underLoad<T>(port: number, measure: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const clients = Array.from({ length: LOAD_CLIENTS }, () => askUntil(stop.signal, port));
  try {
    return await measure();
  } finally {
    stop.abort();
    await Promise.all(clients);
  }
}

async function askUntil(stop: AbortSignal, port: number): Promise<void> {
  const client = new KeepAliveClient(port);
  while (!stop.aborted) await client.get('changing.example.com');
  client.close();
}

async function changeAndAsk(on: {
  readonly controlPlane: ControlPlaneProcess;
  readonly dataPlane: DataPlaneProcess;
  readonly relay: CountingRelay;
  readonly changes: number;
}): Promise<Travel> {
  const client = new KeepAliveClient(on.dataPlane.port);
  const [writes, routed]: [number[], number[]] = [[], []];
  await client.get('changing.example.com');
  const before = on.relay.bytesDown;
  for (let change = 1; change <= on.changes; change++) {
    const expected = change % 2 === 0 ? 'one' : 'two';
    const sent = performance.now();
    await on.controlPlane.api.write('PUT', '/api/v1/hosts/changing.example.com', {
      host: 'changing.example.com',
      backend: `live-${change % 2}`,
    });
    const acknowledged = performance.now();
    while ((await client.get('changing.example.com')).headers['x-server'] !== expected);
    writes.push(acknowledged - sent);
    routed.push(performance.now() - acknowledged);
  }
  client.close();
  return {
    writeP50: percentile(writes, 0.5),
    writeP99: percentile(writes, 0.99),
    routedP50: percentile(routed, 0.5),
    routedP99: percentile(routed, 0.99),
    bytesPerChange: (on.relay.bytesDown - before) / on.changes,
  };
}

/** With the control plane away, as after a power cut. */
async function coldStart(dataPlane: DataPlaneProcess, controlPlane: ControlPlaneProcess): Promise<number> {
  await dataPlane.stop('SIGTERM');
  await controlPlane.stop('SIGKILL');
  const start = performance.now();
  await dataPlane.start();
  const client = new KeepAliveClient(dataPlane.port);
  while ((await client.get('changing.example.com')).status !== 200);
  client.close();
  return performance.now() - start;
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1_024;
}
