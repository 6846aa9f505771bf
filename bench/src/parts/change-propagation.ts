import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlaneProcess } from '@headgate/e2e/harness/control-plane-process';
import { DataPlaneProcess } from '@headgate/e2e/harness/data-plane-process';
import { DemoServer } from '@headgate/e2e/harness/demo-server';
import { KeepAliveClient } from '@headgate/e2e/harness/keep-alive-client';
import { CountingRelay } from '../counting-relay.ts';
import { changingConfiguration } from '../large-configuration.ts';
import { residentKiB } from '../machine/process-cost.ts';
import { median } from '../median.ts';
import type { Part } from '../part.ts';
import { percentile } from '../percentile.ts';
import { figure } from '../report/figure.ts';
import type { Findings, Goal } from '../report/section.ts';

/** Clients that ask all the time while changes under load are measured. */
const LOAD_CLIENTS = 16;
const CHANGES = 400;
const COLD_STARTS = 5;

/** How a change travels from the API to live traffic, and how a data plane starts without a control plane. */
export const changePropagation: Part = {
  name: 'change-propagation',
  title: 'How a change travels',
  run: async () =>
    findings([await measureChangePropagation(10, CHANGES), await measureChangePropagation(10_000, CHANGES)]),
};

/** How changes of one host travelled. */
interface Travel {
  /** Write sent → acknowledged, in ms. */
  readonly writeP50: number;
  readonly writeP99: number;
  /** Write acknowledged → first request that is routed by it has been answered, in ms. */
  readonly routedP50: number;
  readonly routedP99: number;
  readonly bytesPerChange: number;
}

interface PropagationFigures {
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
  /** Start of a data plane's process, the control plane away, until it serves from its disk copy, in ms; the median. */
  readonly coldStartMs: number;
}

/** Measures how a change travels from the API to live traffic, with a configuration of the given size loaded. */
async function measureChangePropagation(hosts: number, changes: number): Promise<PropagationFigures> {
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
      changingConfiguration(
        hosts,
        10,
        servers.map(({ port }) => port),
      ),
    );
    const on = { controlPlane, dataPlane, relay, changes };
    const quiet = await changeAndAsk(on);
    const loaded = await underLoad(dataPlane.port, () => changeAndAsk(on));
    const memory = {
      controlPlaneMiB: residentKiB(controlPlane.child.pid) / 1_024,
      dataPlaneMiB: residentKiB(dataPlane.child.pid) / 1_024,
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
  await controlPlane.stop('SIGKILL');
  const samples: number[] = [];
  for (let start = 0; start < COLD_STARTS; start++) {
    await dataPlane.stop('SIGTERM');
    const began = performance.now();
    await dataPlane.start();
    const client = new KeepAliveClient(dataPlane.port);
    while ((await client.get('changing.example.com')).status !== 200);
    client.close();
    samples.push(performance.now() - began);
  }
  return median(samples);
}

function findings(figures: readonly PropagationFigures[]): Findings {
  const row = (name: string, show: (of: PropagationFigures) => string): readonly string[] => [
    name,
    ...figures.map(show),
  ];
  return {
    method: `${CHANGES} changes of one host, one after the other; a client asks after each until it is routed by it. All processes share the machine, none is pinned. Cold start: from the start of the process until it has answered, the control plane away; the median of ${COLD_STARTS}.`,
    goals: figures.flatMap(goalsOf),
    tables: [
      {
        head: ['', ...figures.map(({ hosts, servers }) => `${hosts} hosts × ${servers} servers`)],
        rows: [
          ...travelRows('', ({ quiet }) => quiet),
          ...travelRows(`, ${LOAD_CLIENTS} clients asking all the time`, ({ loaded }) => loaded),
          row('bytes on the wire for one change, to one data plane', ({ quiet }) => quiet.bytesPerChange.toFixed(0)),
          row('whole configuration: PUT answered / live', (of) => pair(of.importMs, of.convergedMs, 'ms')),
          row('resident memory, control plane / data plane', (of) => pair(of.controlPlaneMiB, of.dataPlaneMiB, 'MiB')),
          row('cold start of a data plane from its disk copy', ({ coldStartMs }) => `${figure(coldStartMs)} ms`),
        ],
      },
    ],
  };

  function travelRows(under: string, of: (figures: PropagationFigures) => Travel): readonly (readonly string[])[] {
    return [
      row(`write acknowledged, p50 / p99${under}`, (all) => pair(of(all).writeP50, of(all).writeP99, 'ms')),
      row(`acknowledged → first request routed by it, p50 / p99${under}`, (all) =>
        pair(of(all).routedP50, of(all).routedP99, 'ms'),
      ),
    ];
  }
}

function goalsOf({ hosts, quiet, coldStartMs }: PropagationFigures): readonly Goal[] {
  const what = `Write acknowledged → first request routed by it, ${hosts} hosts`;
  const travel = [
    { what: `${what}, p50`, limit: 5, measured: quiet.routedP50, unit: 'ms' },
    { what: `${what}, p99`, limit: 25, measured: quiet.routedP99, unit: 'ms' },
  ];
  if (hosts < 10_000) return travel;
  const start = { what: 'Cold start of a data plane from its disk copy, 10,000 hosts', limit: 500, unit: 'ms' };
  return [...travel, { ...start, measured: coldStartMs }];
}

function pair(one: number, other: number, unit: string): string {
  return `${figure(one)} / ${figure(other)} ${unit}`;
}
