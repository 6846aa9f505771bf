import { costTable, medianOf, ratioOf, type Costs } from '../cost-table.ts';
import { profileUnder } from '../cpu-profile.ts';
import { inRounds } from '../in-rounds.ts';
import { largeConfiguration } from '../large-configuration.ts';
import { processorTime } from '../load/processor-time.ts';
import { wrk } from '../load/wrk.ts';
import type { Part } from '../part.ts';
import { oneHost } from '../peers/headgate-site.ts';
import { caddy, envoy, haproxy, httpProxy, nginx, nginxLua, nodeHttp, tcpFloor } from '../peers/peers.ts';
import { Stage } from '../peers/stage.ts';
import { barChart } from '../report/bar-chart.ts';
import { keepChart } from '../report/results-file.ts';
import type { Findings, Goal } from '../report/section.ts';

const OURS = 'Headgate';
const LARGE = 'Headgate, 10,000 hosts × 10 servers';
const SECOND = 'Headgate, engine http-proxy';
const PEERS = [nginx, haproxy, tcpFloor, nginxLua, envoy, nodeHttp, caddy, httpProxy];
const WARM_UP = { seconds: 3 };

/** Processor time of a request of 1 KiB on a keep-alive connection, its target new each time. */
export const proxyCost: Part = {
  name: 'proxy-cost',
  title: 'What a request costs',
  run: ({ rounds }) => Stage.with((stage) => measure(stage, rounds)),
};

async function measure(stage: Stage, rounds: number): Promise<Findings> {
  const proxies = [...(await headgates(stage)), ...(await stage.peers(PEERS))];
  for (const { port } of proxies) await wrk({ port, ...WARM_UP });
  const costs = await inRounds(proxies, rounds, (proxy) => processorTime(proxy, { port: proxy.port }));
  await chart(proxies, costs);
  const table = costTable(proxies, costs, { first: OURS, unit: 'per request' });
  return {
    method: `wrk, 64 connections, 2 s a round, ${rounds} rounds, 4 servers in turn, answers of 1 KiB; \`wrk -t1 -c64 -d2s -s bench/peers/vary.lua\`. The second table is a profile of the data plane under that load: its own time by function.`,
    goals: goalsOf(costs),
    tables: [table, await profileUnder(stage, {})],
    versions: stage.versions,
    notes: stage.missing,
  };
}

async function headgates(stage: Stage): Promise<readonly Proxy[]> {
  const { endpoints } = stage.origin;
  const small = await stage.site({
    configuration: oneHost(endpoints),
    planes: [
      { name: OURS, engine: 'headgate' },
      { name: SECOND, engine: 'http-proxy' },
    ],
  });
  const configuration = largeConfiguration(10_000, 10, { host: 'a.example.com', servers: endpoints });
  const large = await stage.site({ configuration, planes: [{ name: LARGE, engine: 'headgate' }] });
  return [...small.proxies, ...large.proxies];
}

interface Proxy {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
}

function goalsOf(costs: Costs): readonly Goal[] {
  const goal = (over: string, limit: number): Goal => {
    const measured = ratioOf(costs, OURS, over);
    const what = `Processor time per request ÷ ${over}'s`;
    return { what, limit, unit: '×', ...(measured === undefined ? { why: 'not installed' } : { measured }) };
  };
  const large = ratioOf(costs, LARGE, OURS) ?? NaN;
  return [
    goal(nginx.name, 1.15),
    goal(tcpFloor.name, 1.1),
    goal(envoy.name, 1 / 2),
    goal(caddy.name, 1 / 3.3),
    goal(httpProxy.name, 1 / 3.5),
    { what: 'The same with 10,000 hosts × 10 servers ÷ with one host', limit: 1.1, measured: large, unit: '×' },
  ];
}

async function chart(proxies: readonly Proxy[], costs: Costs): Promise<void> {
  const shown = proxies.filter(({ name }) => name !== LARGE);
  const bars = shown.map(({ name }) => ({ name, value: medianOf(costs, name), marked: name === OURS }));
  const title = 'Processor time per request, 1 KiB, keep-alive, one core: less is better';
  await keepChart('processor-time', barChart(title, 'µs', bars));
}
