import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlPlaneProcess } from '@headgate/e2e/harness/control-plane-process';
import { DataPlaneProcess } from '@headgate/e2e/harness/data-plane-process';
import { KeepAliveClient } from '@headgate/e2e/harness/keep-alive-client';
import type { Part } from '../part.ts';
import type { Endpoint } from '../peers/endpoint.ts';
import { PairedServers } from '../peers/paired-servers.ts';
import { percentile } from '../percentile.ts';
import { figure } from '../report/figure.ts';
import type { Findings } from '../report/section.ts';
import type { OpenSource, SteeredSource } from '../steering/steered-source.ts';
import { steeredSources } from '../steering/steered-sources.ts';

const CHANGES = 40;
/** At most so long between two changes: sources that are asked every second are met anywhere in it. */
const PAUSE_MS = 1_000;
const ROUTED_WITHIN_MS = 20_000;
/** So many answers in a row are from the new server when the one of before has gone. */
const SETTLED_ANSWERS = 8;

/** How long it takes from a change at a source until requests reach the server that it names. */
export const sourcePropagation: Part = {
  name: 'source-propagation',
  title: 'How a change at a source travels',
  run: async () => {
    const travels: SourceTravel[] = [];
    for (const source of steeredSources) travels.push(await measureSource(source));
    return findings(travels);
  },
};

interface SourceTravel {
  readonly name: string;
  /** Change → first request that the new server has answered, in ms; a text that says what is missing. */
  readonly samples: readonly number[] | string;
}

async function measureSource(source: SteeredSource): Promise<SourceTravel> {
  const servers = await PairedServers.start();
  try {
    const open = await source.open(servers.endpoints[0]);
    if (typeof open === 'string') return { name: source.name, samples: open };
    try {
      return { name: source.name, samples: await withPlanes(open, (port) => steer(open, port, servers.endpoints)) };
    } finally {
      await open.stop?.();
    }
  } finally {
    await servers.stop();
  }
}

async function withPlanes<T>(open: OpenSource, measure: (port: number) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'headgate-bench-source-'));
  const controlPlane = await ControlPlaneProcess.start({ dataDir: join(directory, 'control-plane'), env: open.env });
  let dataPlane: DataPlaneProcess | undefined;
  try {
    dataPlane = await DataPlaneProcess.start({
      id: 'bench',
      stateDir: join(directory, 'data-plane'),
      controlPlane: controlPlane.grpcAddress,
      joinToken: await controlPlane.joinToken(),
      env: open.dataPlaneEnv,
    });
    await open.begin?.(controlPlane.api);
    return await measure(dataPlane.port);
  } finally {
    await dataPlane?.stop('SIGKILL');
    await controlPlane.stop('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
}

async function steer(
  open: OpenSource,
  port: number,
  endpoints: readonly [Endpoint, Endpoint],
): Promise<readonly number[]> {
  const client = new KeepAliveClient(port);
  const samples: number[] = [];
  try {
    await answeredBy(client, endpoints[0]);
    for (let change = 1; change <= CHANGES; change++) {
      const [old, next] = change % 2 === 1 ? endpoints : [endpoints[1], endpoints[0]];
      await delay(Math.random() * PAUSE_MS);
      const start = performance.now();
      await open.point(next);
      await answeredBy(client, next);
      samples.push(performance.now() - start);
      await open.drop?.(old);
      await answeredBy(client, next, SETTLED_ANSWERS);
    }
  } finally {
    client.close();
  }
  return samples;
}

/** Asks every millisecond until this server has answered so many times in a row. */
async function answeredBy(client: KeepAliveClient, { address }: Endpoint, times = 1): Promise<void> {
  const deadline = performance.now() + ROUTED_WITHIN_MS;
  for (let inRow = 0; ; await delay(1)) {
    const { headers, status } = await client.get('a.example.com');
    inRow = headers['x-server'] === address ? inRow + 1 : 0;
    if (inRow === times) return;
    if (performance.now() > deadline) throw new Error(`${address} answers nothing after 20 s; the last was ${status}`);
  }
}

function findings(travels: readonly SourceTravel[]): Findings {
  return {
    method: `${CHANGES} changes, one after the other and up to ${PAUSE_MS} ms apart by chance, each to the other one of two servers; from the beginning of the change (the request sent, the file written beside and renamed, the record replaced) to the first request that the new server has answered, asked for every millisecond; the p99 of ${CHANGES} is the largest. Each source with a control plane and a data plane of its own; nothing is pinned. What is posted or comes from files and Redis is a whole document; DNS and Redis without notifications are asked every second (DNS: give or take a fifth, and 10 s where \`interval\` is left out), so about half a second of theirs is waiting. What sources bring by themselves is collected until none has come for 100 ms. Kubernetes is an API server on etcd, whose slices name addresses of 198.18.0.0/16 that the data plane is led from to loopback (\`bench/src/lead-to-loopback.ts\`).`,
    goals: [],
    tables: [
      {
        head: ['source', 'first request routed, least', 'p50', 'p99'],
        rows: travels.map(({ name, samples }) => [name, ...figuresOf(samples)]),
      },
    ],
    notes: travels.flatMap(({ samples }) => (typeof samples === 'string' ? [samples] : [])),
  };
}

function figuresOf(samples: readonly number[] | string): readonly string[] {
  if (typeof samples === 'string') return ['–', '–', '–'];
  return [Math.min(...samples), percentile(samples, 0.5), percentile(samples, 0.99)].map(
    (value) => `${figure(value)} ms`,
  );
}
