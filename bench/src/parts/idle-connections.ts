import { setTimeout as delay } from 'node:timers/promises';
import { openIdle } from '../load/idle-connections.ts';
import { wrk } from '../load/wrk.ts';
import { residentKiB } from '../machine/process-cost.ts';
import type { Part } from '../part.ts';
import { oneHost } from '../peers/headgate-site.ts';
import { caddy, envoy, haproxy, httpProxy, nginx } from '../peers/peers.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import { Stage } from '../peers/stage.ts';
import { figure } from '../report/figure.ts';
import type { Findings, Goal } from '../report/section.ts';

const OURS = 'Headgate';
const CONNECTIONS = 8_000;
/** Before the first reading: what is allocated once is there. */
const FIRST = 1_000;
const REST_MS = 1_500;

/** Memory of a client connection that waits. */
export const idleConnections: Part = {
  name: 'idle-connections',
  title: 'What an idle connection costs',
  run: () => Stage.with(measure),
};

async function measure(stage: Stage): Promise<Findings> {
  const site = await stage.site({
    configuration: oneHost(stage.origin.endpoints),
    planes: [
      { name: OURS, engine: 'headgate' },
      { name: 'Headgate, engine http-proxy', engine: 'http-proxy' },
    ],
  });
  const proxies = [...site.proxies, ...(await stage.peers([nginx, haproxy, envoy, caddy, httpProxy]))];
  const kib = new Map<string, number>();
  for (const proxy of proxies) kib.set(proxy.name, await kibOfEach(proxy));
  return {
    method: `${CONNECTIONS} keep-alive connections, each with one request behind it; what resident memory has grown by since the ${FIRST} before them. The proxy has served wrk for 2 s before.`,
    goals: goalsOf(kib),
    tables: [{ head: ['', 'KiB per connection'], rows: [...kib].map(([name, each]) => [name, figure(each)]) }],
    versions: stage.versions,
    notes: stage.missing,
  };
}

async function kibOfEach({ port, pid }: Pick<RunningPeer, 'port' | 'pid'>): Promise<number> {
  await wrk({ port });
  const closeFirst = await openIdle(port, FIRST);
  await delay(REST_MS);
  const before = residentKiB(pid);
  const close = await openIdle(port, CONNECTIONS);
  await delay(REST_MS);
  const each = (residentKiB(pid) - before) / CONNECTIONS;
  closeFirst();
  close();
  return each;
}

function goalsOf(kib: ReadonlyMap<string, number>): readonly Goal[] {
  const ours = kib.get(OURS) ?? NaN;
  const share = (of: string, limit: number): Goal => {
    const theirs = kib.get(of);
    const what = `Memory of an idle connection ÷ ${of}'s`;
    return {
      what,
      limit,
      unit: '×',
      ...(theirs === undefined ? { why: 'not installed' } : { measured: ours / theirs }),
    };
  };
  return [
    { what: 'Memory of an idle client connection', limit: 6, measured: ours, unit: 'KiB' },
    share(envoy.name, 0.4),
    share(caddy.name, 0.25),
  ];
}
