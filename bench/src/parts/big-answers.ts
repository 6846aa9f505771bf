import { costTable, ratioOf } from '../cost-table.ts';
import { profileUnder } from '../cpu-profile.ts';
import { inRounds } from '../in-rounds.ts';
import { processorTime } from '../load/processor-time.ts';
import { wrk } from '../load/wrk.ts';
import type { Part } from '../part.ts';
import { oneHost } from '../peers/headgate-site.ts';
import { haproxy, nginx, tcpFloor } from '../peers/peers.ts';
import { Stage } from '../peers/stage.ts';
import type { Findings } from '../report/section.ts';

const OURS = 'Headgate';

/** Processor time of answers of 1 MiB. */
export const bigAnswers: Part = {
  name: 'big-answers',
  title: 'What a large answer costs',
  run: ({ rounds }) => Stage.with((stage) => measure(stage, rounds)),
};

async function measure(stage: Stage, rounds: number): Promise<Findings> {
  const site = await stage.site({
    configuration: oneHost(stage.origin.endpoints),
    planes: [
      { name: OURS, engine: 'headgate' },
      { name: 'Headgate, engine http-proxy', engine: 'http-proxy' },
    ],
  });
  const proxies = [...site.proxies, ...(await stage.peers([haproxy, nginx, tcpFloor]))];
  const load = { path: '/1m.bin', connections: 16 };
  for (const { port } of proxies) await wrk({ port, ...load });
  const costs = await inRounds(proxies, rounds, (proxy) => processorTime(proxy, { port: proxy.port, ...load }));
  const measured = ratioOf(costs, OURS, haproxy.name);
  return {
    method: `wrk, 16 connections, 2 s a round, ${rounds} rounds, answers of 1 MiB that the origin sends from a file. The second table is a profile of the data plane under that load.`,
    goals: [
      {
        what: "Processor time per MiB of a large answer ÷ HAProxy's",
        limit: 1.2,
        unit: '×',
        ...(measured === undefined ? { why: 'HAProxy is not installed' } : { measured }),
      },
    ],
    tables: [costTable(proxies, costs, { first: OURS, unit: 'per MiB' }), await profileUnder(stage, load)],
    versions: stage.versions,
    notes: stage.missing,
  };
}
