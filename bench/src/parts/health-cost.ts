import { costTable, ratioOf } from '../cost-table.ts';
import { inRounds } from '../in-rounds.ts';
import { processorTime } from '../load/processor-time.ts';
import { wrk } from '../load/wrk.ts';
import type { Part } from '../part.ts';
import { oneHost } from '../peers/headgate-site.ts';
import { Stage } from '../peers/stage.ts';
import type { Findings } from '../report/section.ts';

const [OFF, ON] = ['without health checks', 'with health checks'];
const SERVERS = 100;

/** What health checks take from requests. */
export const healthCost: Part = {
  name: 'health-cost',
  title: 'What health checks cost',
  run: ({ rounds }) => Stage.with((stage) => measure(stage, rounds), SERVERS),
};

async function measure(stage: Stage, rounds: number): Promise<Findings> {
  const healthCheck = { type: 'http', path: '/k', interval: '1s', timeout: '500ms' };
  const { endpoints } = stage.origin;
  const off = await stage.site({ configuration: oneHost(endpoints), planes: [{ name: OFF, engine: 'headgate' }] });
  const on = await stage.site({
    configuration: oneHost(endpoints, { healthCheck }),
    planes: [{ name: ON, engine: 'headgate' }],
  });
  const proxies = [...off.proxies, ...on.proxies];
  for (const { port } of proxies) await wrk({ port, seconds: 3 });
  const costs = await inRounds(proxies, rounds, (proxy) => processorTime(proxy, { port: proxy.port }));
  return {
    method: `${SERVERS} servers, each asked for /k every second (the default is every 5 s), probes in the same process as requests; wrk as above, ${rounds} rounds.`,
    goals: [
      {
        what: 'Processor time per request with 100 health checks a second ÷ without',
        limit: 1.1,
        measured: ratioOf(costs, ON, OFF) ?? NaN,
        unit: '×',
      },
    ],
    tables: [costTable(proxies, costs, { first: ON, unit: 'per request' })],
  };
}
