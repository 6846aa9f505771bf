import { ConsulAgent } from '@headgate/control-plane/sources/consul/consul-agent.cases';
import { KubeApiserver, kubernetesPrograms } from '@headgate/control-plane/sources/kubernetes/kube-apiserver.cases';
import { describeWith } from '@headgate/control-plane/sources/needed-program.cases';
import type { DemoServer } from '../src/harness/demo-server.ts';
import { siteHost } from '../src/harness/site.ts';
import { SteadyLoad } from '../src/harness/steady-load.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

/** A registry of servers: the real thing, which tests end, start again and impersonate. */
interface Registry {
  /** Whether its servers can be on loopback. Otherwise they are followed, and the load goes to another backend. */
  readonly takesLoopback: boolean;
  /** As a source of the backend; what it needs is written to the control plane before. */
  source(system: System): Promise<Readonly<Record<string, unknown>>>;
  /** These are its servers from now on. It holds nothing after a start. */
  publish(...servers: readonly DemoServer[]): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Absent where nobody can take its place. */
  sayNonsense?(): Promise<void>;
  close(): Promise<void>;
}

function describeRegistry(type: string, programs: Readonly<Record<string, string>>, open: Open): void {
  describeWith(programs, `servers from ${type}, under load`, (paths) => {
    let registry: Registry;
    let system: System;
    beforeAll(async () => {
      registry = await open(paths);
      system = await System.start({ servers: 3 });
      await registry.publish(system.servers[0]!);
      const source = await registry.source(system);
      const { version } = await system.api.write('PUT', '/api/v1/config', {
        backends: [
          { name: 'web', sources: [source] },
          { name: 'written', servers: [{ address: '127.0.0.1', port: system.servers[0]!.port }] },
        ],
        hosts: [
          { host: siteHost, backend: registry.takesLoopback ? 'web' : 'written' },
          { host: 'discovered.example.com', backend: 'web' },
        ],
      });
      await system.api.converge(version);
      await becomes(system.servers[0]!);
    }, 120_000);
    afterAll(async () => {
      await system?.close();
      await registry?.close();
    }, 30_000);

    /** Waits until the data plane has exactly these. */
    async function becomes(...servers: readonly DemoServer[]): Promise<void> {
      const wanted = JSON.stringify(servers.map(({ port }) => port).sort());
      await waitUntil(
        `the servers are ${servers.map(({ name }) => name).join(', ')}`,
        async () => {
          const { backends } = (await system.dataPlane.dump()) as { backends: readonly DumpedBackend[] };
          const web = backends.find(({ name }) => name === 'web');
          const ports = web?.servers.map(({ port }) => port).sort();
          return JSON.stringify(ports) === wanted;
        },
        45_000,
      );
    }

    const state = async (): Promise<string> => {
      const path = '/api/v1/sources';
      const { body } = await system.api.request<{ items: readonly { readonly state: string }[] }>('GET', path);
      return body.items[0]!.state;
    };
    const isStale = (): Promise<boolean> => waitUntil('it is stale', async () => (await state()) === 'stale', 60_000);

    /** No request is lost by what happens. */
    async function underLoad(what: () => Promise<void>): Promise<void> {
      const load = new SteadyLoad({ port: system.dataPlane.port, host: siteHost, requestsPerSecond: 50 });
      try {
        await load.more(10);
        await what();
        await load.more(25);
        expect(await load.stop()).toEqual([]);
      } finally {
        load.abort();
      }
    }

    it('come and go', async () => {
      const [first, second, third] = system.servers as [DemoServer, DemoServer, DemoServer];
      await underLoad(async () => {
        await registry.publish(first, second);
        await becomes(first, second);
        await registry.publish(second, third);
        await becomes(second, third);
      });
    }, 60_000);

    it('stay while it is dead, also across a restart of the control plane, and follow it again', async () => {
      const [first, second, third] = system.servers as [DemoServer, DemoServer, DemoServer];
      await underLoad(async () => {
        await registry.kill();
        await isStale();
        await becomes(second, third);
        await system.controlPlane.stop('SIGKILL');
        await system.controlPlane.start();
        await isStale();
        await becomes(second, third);
      });
      await registry.start();
      await registry.publish(first, third);
      await becomes(first, third);
      expect(await state()).toBe('current');
    }, 120_000);

    it('stay while it says nonsense, where it can', async () => {
      if (registry.sayNonsense === undefined) return;
      const [first, second, third] = system.servers as [DemoServer, DemoServer, DemoServer];
      const sayNonsense = registry.sayNonsense.bind(registry);
      await underLoad(async () => {
        await sayNonsense();
        await isStale();
        await becomes(first, third);
      });
      await registry.start();
      await registry.publish(second);
      await becomes(second);
    }, 120_000);
  });
}

type Open = (paths: Readonly<Record<string, string>>) => Promise<Registry>;

interface DumpedBackend {
  readonly name: string;
  readonly servers: readonly { readonly port: number }[];
}

describeRegistry('Consul', { consul: 'scripts/build-test-peers.sh ~/.cache/headgate-tools consul' }, async (paths) => {
  const agent = await ConsulAgent.start(paths['consul']!);
  return {
    takesLoopback: true,
    source: async () => ({ type: 'consul', address: agent.url, service: 'web' }),
    async publish(...servers) {
      const wanted = new Set(servers.map(({ name }) => name));
      for (const { name, port } of servers) {
        await agent.register({ ID: name, Name: 'web', Address: '127.0.0.1', Port: port });
      }
      for (const id of Object.keys((await agent.call('GET', '/v1/agent/services')) as object)) {
        if (!wanted.has(id)) await agent.call('PUT', `/v1/agent/service/deregister/${id}`);
      }
    },
    kill: () => agent.kill(),
    start: () => agent.start(),
    sayNonsense: () => agent.replaceBy('[{"Service": 7}]'),
    close: () => agent.close(),
  };
});

describeRegistry('Kubernetes', kubernetesPrograms, async (paths) => {
  const cluster = await KubeApiserver.start(paths);
  await cluster.createNamespace('shop');
  const token = await cluster.createAccountToken('shop', 'headgate');
  await cluster.grant('shop', 'headgate', [
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ]);
  return {
    takesLoopback: false,
    async source({ api }) {
      const authority = Buffer.from(cluster.caPem).toString('base64');
      const value = JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'test', cluster: { server: cluster.url, 'certificate-authority-data': authority } }],
        users: [{ name: 'headgate', user: { token } }],
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'headgate' } }],
        'current-context': 'test',
      });
      await api.request('PUT', '/api/v1/secrets/cluster', { value });
      return { type: 'kubernetes', service: 'web', namespace: 'shop', port: 'http', kubeconfig: 'cluster' };
    },
    /** Ports of a slice are those of all its endpoints: so each server has one of its own. */
    async publish(...servers) {
      const slices = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices';
      const wanted = new Set(servers.map(({ name }) => name));
      for (const { name, port } of servers) {
        await cluster.apply(`${slices}/${name}`, {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name, labels: { 'kubernetes.io/service-name': 'web' } },
          addressType: 'IPv4',
          ports: [{ name: 'http', port }],
          endpoints: [{ addresses: ['10.255.0.1'], conditions: { ready: true } }],
        });
      }
      const { items } = (await cluster.demand('GET', slices)) as { items: readonly { metadata: { name: string } }[] };
      for (const { metadata } of items) {
        if (!wanted.has(metadata.name)) await cluster.demand('DELETE', `${slices}/${metadata.name}`);
      }
    },
    kill: () => cluster.kill(),
    start: () => cluster.start(),
    close: () => cluster.close(),
  };
});
