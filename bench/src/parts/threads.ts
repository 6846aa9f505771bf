import { settingsSpec } from '@headgate/data-plane/config/settings-spec';
import { costTable, ratioOf } from '../cost-table.ts';
import { inRounds } from '../in-rounds.ts';
import { processorTime } from '../load/processor-time.ts';
import { wrk } from '../load/wrk.ts';
import { BOTH_CORES } from '../machine/cores.ts';
import type { Part } from '../part.ts';
import { oneHost } from '../peers/headgate-site.ts';
import { Stage } from '../peers/stage.ts';
import type { Findings } from '../report/section.ts';

const [ONE, TWO] = ['one thread', 'two threads'];
const WHAT = 'Processor time per request, two threads ÷ one';

/** Whether threads cost anything. */
export const threads: Part = {
  name: 'threads',
  title: 'Two threads beside one',
  run: ({ rounds }) => (hasThreads() ? Stage.with((stage) => measure(stage, rounds)) : Promise.resolve(withoutThreads)),
};

function hasThreads(): boolean {
  return Object.values(settingsSpec).some(({ name }: { readonly name: string }) => name === 'HEADGATE_THREADS');
}

const withoutThreads: Findings = {
  method: 'Two data planes, the same load on both.',
  goals: [{ what: WHAT, limit: 1.1, unit: '×', why: 'this build has no HEADGATE_THREADS' }],
  tables: [],
};

async function measure(stage: Stage, rounds: number): Promise<Findings> {
  const plane = (name: string, count: string) =>
    ({ name, engine: 'headgate', cores: BOTH_CORES, env: { HEADGATE_THREADS: count } }) as const;
  const site = await stage.site({
    configuration: oneHost(stage.origin.endpoints),
    planes: [plane(ONE, '1'), plane(TWO, '2')],
  });
  const load = { cores: BOTH_CORES, threads: 2 };
  for (const { port } of site.proxies) await wrk({ port, ...load, seconds: 3 });
  const costs = await inRounds(site.proxies, rounds, (proxy) => processorTime(proxy, { port: proxy.port, ...load }));
  return {
    method: `Both data planes on both cores, with load and origin on the same two; wrk, 64 connections, ${rounds} rounds.`,
    goals: [{ what: WHAT, limit: 1.1, measured: ratioOf(costs, TWO, ONE) ?? NaN, unit: '×' }],
    tables: [costTable(site.proxies, costs, { first: TWO, unit: 'per request' })],
  };
}
