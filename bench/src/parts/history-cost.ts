import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '@headgate/e2e/harness/api-client';
import { ControlPlaneProcess } from '@headgate/e2e/harness/control-plane-process';
import { changingConfiguration } from '../large-configuration.ts';
import { databaseBytes } from '../machine/database-bytes.ts';
import type { Part } from '../part.ts';
import { percentile } from '../percentile.ts';
import { figure } from '../report/figure.ts';
import type { Findings } from '../report/section.ts';

const SERVERS = 10;
const DIFFS = 5;
const LOAD = { hosts: 10_000, changes: 5_000 };

/** What it costs to keep revisions, and to look back over them. */
export const historyCost: Part = {
  name: 'history-cost',
  title: 'What history costs',
  run: async () =>
    findings([await measureHistoryCost({ ...LOAD, kept: 1_000 }), await measureHistoryCost({ ...LOAD, kept: 20_000 })]),
};

interface HistoryFigures {
  readonly hosts: number;
  readonly servers: number;
  readonly changes: number;
  /** HEADGATE_KEPT_REVISIONS. */
  readonly kept: number;
  /** The database and its log after the import, and after the changes, in MiB. */
  readonly importedMiB: number;
  readonly changedMiB: number;
  /** Write sent → acknowledged, in ms. */
  readonly writeP50: number;
  readonly writeP99: number;
  /** From the oldest revision that is known to the newest: first page of the diff, dry run of the rollback, rollback, in ms. */
  readonly spanned: number;
  readonly diffMs: number;
  readonly dryRunMs: number;
  readonly rollbackMs: number;
  /** A page of 1,000 revisions, in ms. */
  readonly listMs: number;
}

interface HistoryLoad {
  readonly hosts: number;
  readonly changes: number;
  readonly kept: number;
}

/** Measures what history costs: single changes of servers, one after the other, then a look back over all that is kept. */
async function measureHistoryCost({ hosts, changes, kept }: HistoryLoad): Promise<HistoryFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'headgate-bench-history-'));
  const env = { HEADGATE_KEPT_REVISIONS: String(kept) };
  const controlPlane = await ControlPlaneProcess.start({ dataDir, env });
  const { api } = controlPlane;
  try {
    await api.write('PUT', '/api/v1/config', changingConfiguration(hosts, SERVERS, [8_001, 8_002]));
    const importedMiB = await sizeMiB(dataDir);
    const writes = await changeServers(api, hosts, changes);
    const changedMiB = await sizeMiB(dataDir);
    const sizes = { hosts, servers: SERVERS, changes, kept, importedMiB, changedMiB };
    const look = await lookBack(api, Math.max(1, changes + 1 - kept), changes + 1);
    return { ...sizes, writeP50: percentile(writes, 0.5), writeP99: percentile(writes, 0.99), ...look };
  } finally {
    await controlPlane.stop('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Each change another server, as long as there are others. */
async function changeServers(api: ApiClient, hosts: number, changes: number): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let change = 0; change < changes; change++) {
    const index = 1 + (change % (hosts - 1));
    const port = 8_000 + (Math.floor(change / (hosts - 1)) % SERVERS);
    const endpoint = `198.18.${(index >> 8) & 255}.${index & 255}:${port}`;
    const weight = 2 + Math.floor(change / ((hosts - 1) * SERVERS));
    samples.push(
      await timed(() => api.write('PATCH', `/api/v1/backends/backend-${index}/servers/${endpoint}`, { weight })),
    );
  }
  return samples;
}

type Look = Pick<HistoryFigures, 'spanned' | 'diffMs' | 'dryRunMs' | 'rollbackMs' | 'listMs'>;

async function lookBack(api: ApiClient, oldest: number, newest: number): Promise<Look> {
  const diffs: number[] = [];
  for (let time = 0; time < DIFFS; time++) {
    diffs.push(await timed(() => read(api, `/api/v1/revisions/${newest}/diff?from=${oldest}`)));
  }
  const rollback = (query: string): Promise<number> =>
    timed(() => succeeded(api.request('POST', `/api/v1/rollback${query}`, { to: oldest })));
  const listMs = await timed(() => read(api, '/api/v1/revisions?limit=1000'));
  const dryRunMs = await rollback('?dryRun=true&force=true');
  const rollbackMs = await rollback('?force=true');
  return { spanned: newest - oldest, diffMs: percentile(diffs, 0.5), dryRunMs, rollbackMs, listMs };
}

function read(api: ApiClient, path: string): Promise<void> {
  return succeeded(api.request('GET', path));
}

async function succeeded(answer: ReturnType<ApiClient['request']>): Promise<void> {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

async function sizeMiB(directory: string): Promise<number> {
  return (await databaseBytes(directory)) / 2 ** 20;
}

function findings(figures: readonly HistoryFigures[]): Findings {
  const row = (name: string, show: (of: HistoryFigures) => string): readonly string[] => [name, ...figures.map(show)];
  const pair = (one: number, other: number, unit: string): string => `${figure(one)} / ${figure(other)} ${unit}`;
  return {
    method: `${LOAD.changes} changes of single servers, one after the other, in a configuration of ${LOAD.hosts} hosts × ${SERVERS} servers; then a look back over all that is kept.`,
    goals: [],
    tables: [
      {
        head: ['', ...figures.map(({ kept }) => `${kept} revisions kept`)],
        rows: [
          row('write acknowledged, p50 / p99', (of) => pair(of.writeP50, of.writeP99, 'ms')),
          row('on disk, imported / after the changes', (of) => pair(of.importedMiB, of.changedMiB, 'MiB')),
          row('revisions looked back', (of) => String(of.spanned)),
          row('diff over them, first page', (of) => `${figure(of.diffMs)} ms`),
          row('rollback over them, dry run / made', (of) => pair(of.dryRunMs, of.rollbackMs, 'ms')),
          row('list of 1,000 revisions', (of) => `${figure(of.listMs)} ms`),
        ],
      },
    ],
  };
}
