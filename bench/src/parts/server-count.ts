import { medianOf, ratioOf, type Costs } from '../cost-table.ts';
import { inRounds } from '../in-rounds.ts';
import { processorTime } from '../load/processor-time.ts';
import { wrk } from '../load/wrk.ts';
import type { Part } from '../part.ts';
import { oneHost } from '../peers/headgate-site.ts';
import { nginxLua } from '../peers/peers.ts';
import { Stage } from '../peers/stage.ts';
import { figure } from '../report/figure.ts';
import { lineChart } from '../report/line-chart.ts';
import { keepChart } from '../report/results-file.ts';
import type { Findings } from '../report/section.ts';

const COUNTS = [4, 32, 100, 1_000];
const ours = (count: number): string => `Headgate, ${count} servers`;
const theirs = (count: number): string => `${nginxLua.name}, ${count} servers`;

/** What the number of servers does to a request, beside the design that Headgate replaces. */
export const serverCount: Part = {
  name: 'server-count',
  title: 'How the number of servers matters',
  run: ({ rounds }) => Stage.with((stage) => measure(stage, rounds), Math.max(...COUNTS)),
};

async function measure(stage: Stage, rounds: number): Promise<Findings> {
  const proxies = [];
  for (const count of COUNTS) {
    const endpoints = stage.origin.endpoints.slice(0, count);
    const planes = [{ name: ours(count), engine: 'headgate' }] as const;
    const site = await stage.site({ configuration: oneHost(endpoints), planes });
    const peers = await stage.peers([nginxLua], endpoints);
    proxies.push(...site.proxies, ...peers.map((peer) => ({ ...peer, name: theirs(count) })));
  }
  for (const { port } of proxies) await wrk({ port, seconds: 3 });
  const costs = await inRounds(proxies, rounds, (proxy) => processorTime(proxy, { port: proxy.port }));
  await chart(costs);
  return {
    method: `As above, ${rounds} rounds; each server has an endpoint of its own at the origin. The articles' design decodes the list of servers for each request.`,
    goals: [
      {
        what: 'Processor time per request with 1,000 servers ÷ with 4',
        limit: 1.15,
        measured: ratioOf(costs, ours(1_000), ours(4)) ?? NaN,
        unit: '×',
      },
    ],
    tables: [tableOf(costs)],
    versions: stage.versions.slice(0, 1),
    notes: stage.missing.slice(0, 1),
  };
}

function tableOf(costs: Costs): Findings['tables'][number] {
  const rows = COUNTS.map((count) => [
    String(count),
    figure(medianOf(costs, ours(count))),
    figure(medianOf(costs, theirs(count))),
    figure(ratioOf(costs, ours(count), theirs(count))),
  ]);
  return { head: ['servers', 'Headgate, µs per request', `${nginxLua.name}, µs per request`, 'ratio'], rows };
}

async function chart(costs: Costs): Promise<void> {
  const line = (name: string, nameOf: (count: number) => string, marked: boolean) => ({
    name,
    marked,
    points: COUNTS.filter((count) => costs.has(nameOf(count))).map((x) => ({ x, y: medianOf(costs, nameOf(x)) })),
  });
  const lines = [line('Headgate', ours, true), line('nginx + Lua', theirs, false)].filter(
    ({ points }) => points.length > 0,
  );
  const title = 'Processor time per request over the number of servers of a backend';
  await keepChart('server-count', lineChart({ title, xTitle: 'servers', yTitle: 'µs per request', lines }));
}
