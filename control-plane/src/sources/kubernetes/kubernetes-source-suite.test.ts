import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@headgate/shared/clock';
import { parseDocument } from '@headgate/shared/json/parse-document';
import type { KubernetesSource } from '@headgate/shared/model/kubernetes-source';
import { describeWith } from '../needed-program.cases.ts';
import { RecordedSink, recordedContext } from '../recorded-sink.cases.ts';
import { sourceCases, type SourceStage } from '../source.cases.ts';
import type { ServerSource, ServerSourceContext, SourceEntry } from '../source.ts';
import { eventually } from '../../stream/eventually.cases.ts';
import { ExpiredError } from './expired-error.ts';
import { KubeApiserver, kubernetesPrograms, type KubeRule } from './kube-apiserver.cases.ts';
import { createKubernetesSource } from './kubernetes-source.ts';
import { ownCluster, type OwnClusterOptions } from './own-cluster.ts';
import { SlicesApi } from './slices-api.ts';

type Wanted = readonly SourceEntry[];

/** What the page tells operators to give. */
const leastPrivilege = documentedRules();

const web: KubernetesSource = {
  type: 'kubernetes',
  service: 'web',
  namespace: '',
  port: undefined,
  kubeconfig: '',
  context: '',
};

describeWith(kubernetesPrograms, 'with a real API server', (paths) => {
  let server: KubeApiserver;
  let namespaces = 0;

  beforeAll(async () => {
    server = await KubeApiserver.start(paths);
  }, 120_000);

  afterAll(() => server.close());

  /** A namespace with an account that may do the least, and its files as a pod has them. */
  async function openStage(): Promise<KubernetesStage> {
    const namespace = `test-${++namespaces}`;
    await server.createNamespace(namespace);
    const token = await server.createAccountToken(namespace, 'headgate');
    await server.grant(namespace, 'headgate', leastPrivilege);
    const directory = await mkdtemp(join(tmpdir(), 'headgate-account-'));
    await writeFile(join(directory, 'token'), token);
    await writeFile(join(directory, 'namespace'), namespace);
    await writeFile(join(directory, 'ca.crt'), server.caPem);
    return new KubernetesStage(server, namespace, directory);
  }

  sourceCases<Wanted>({ name: 'Kubernetes', open: openStage });

  describe('beside the suite', () => {
    let stage: KubernetesStage;

    beforeEach(async () => {
      stage = await openStage();
    }, 60_000);

    afterEach(async () => {
      await stage.source.close();
      await stage.close();
    });

    it('delivers an empty set for a Service that is not there', async () => {
      stage.source.start();
      await stage.sink.until('something is delivered', ({ newest }) => newest !== undefined);
      expect([stage.sink.newest, stage.sink.failures]).toEqual([[], []]);
    });

    it('says which permission is missing, and is there when it is given', async () => {
      await server.revoke(stage.namespace, 'headgate');
      await stage.hold(['10.0.0.1']);
      stage.source.start();
      const { message } = await stage.sink.nextFailure();
      expect(message).toBe(
        'the Kubernetes API of this cluster does not allow the account to list: it needs list and watch on ' +
          `endpointslices.discovery.k8s.io in namespace ${stage.namespace} (403)`,
      );
      await server.grant(
        stage.namespace,
        'headgate',
        leastPrivilege.map((rule) => ({ ...rule, verbs: ['list'] })),
      );
      await stage.sink.until('watching is refused', ({ failures }) => failures.at(-1)!.message.includes('to watch'));
      await server.grant(stage.namespace, 'headgate', leastPrivilege);
      const before = stage.sink.deliveries.length;
      await stage.sink.until('it is delivered', ({ deliveries }) => deliveries.length > before);
      await stage.hold(['10.0.0.2']);
      await stage.untilAddresses(['10.0.0.2']);
    }, 60_000);

    it('reads the token anew when the cluster no longer takes the old one', async () => {
      await writeFile(join(stage.directory, 'token'), 'not-one-of-this-cluster');
      await stage.hold(['10.0.0.1']);
      stage.source.start();
      expect((await stage.sink.nextFailure()).message).toContain('does not know who asks');
      await writeFile(join(stage.directory, 'token'), await server.createAccountToken(stage.namespace, 'headgate'));
      await stage.untilAddresses(['10.0.0.1']);
    });

    it('follows conditions, zones and ports as they change', async () => {
      const endpoint = (ready: boolean) => ({
        addresses: ['10.0.0.1'],
        conditions: { ready, serving: true, terminating: !ready },
        zone: 'north',
        targetRef: { kind: 'Pod', name: 'web-0' },
      });
      await stage.put('web-a', { endpoints: [endpoint(true)], ports: [{ name: 'http', port: 8080 }] });
      stage.source.start();
      const entry = { name: 'web-0', server: { address: '10.0.0.1', port: 8080, zone: 'north' } };
      await stage.untilNewest([{ ...entry, state: 'active' }]);
      await stage.put('web-a', { endpoints: [endpoint(false)], ports: [{ name: 'http', port: 8080 }] });
      await stage.untilNewest([{ ...entry, state: 'draining' }]);
      await stage.put('web-a', { endpoints: [endpoint(true)], ports: [{ name: 'http', port: 9090 }] });
      await stage.untilNewest([{ ...entry, server: { ...entry.server, port: 9090 }, state: 'active' }]);
    });

    it('reads a Service of hundreds of slices page by page', async () => {
      const addresses = Array.from({ length: 230 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
      await Promise.all(
        addresses.map((address, index) => stage.put(`web-${index}`, { endpoints: [{ addresses: [address] }] })),
      );
      stage.source.start();
      await stage.untilAddresses(addresses);
      expect(stage.sink.deliveries[0]).toHaveLength(addresses.length);
    }, 60_000);

    describe('by a kubeconfig in a secret', () => {
      let requests = 0;

      async function start(watchSeconds?: number): Promise<void> {
        const kubeconfig = await stage.kubeconfig();
        const context: ServerSourceContext = {
          ...recordedContext(stage.sink),
          async secret() {
            requests++;
            return Buffer.from(kubeconfig);
          },
        };
        stage.source = createKubernetesSource({ ...web, kubeconfig: 'prod' }, context, { watchSeconds });
        stage.source.start();
      }

      it('reaches the cluster', async () => {
        await stage.hold(['10.0.0.1']);
        await start();
        await stage.untilAddresses(['10.0.0.1']);
      });

      it('goes from one watch to the next, and that is no failure', async () => {
        await stage.hold(['10.0.0.1']);
        await start(1);
        for (const address of ['10.0.0.2', '10.0.0.3']) {
          const before = requests;
          await eventually('another watch begins', () => requests > before + 1);
          await stage.hold([address]);
          await stage.untilAddresses([address]);
        }
        expect(stage.sink.failures).toEqual([]);
      });
    });

    it('is told by the API when a version is no longer known', async () => {
      // What was before its start is not in its memory.
      await server.kill();
      await server.start();
      const life = { clock: systemClock, signal: new AbortController().signal };
      const events = new SlicesApi(ownCluster(stage.ownCluster), web, life).watch({ after: '1', seconds: 5 });
      const answer = await events.next().catch((error: unknown) => error);
      if (!(answer instanceof ExpiredError)) expect(answer).toMatchObject({ value: { kind: 'error', status: 410 } });
    }, 60_000);
  });
});

/** The Service `web` of one namespace. */
class KubernetesStage implements SourceStage<Wanted> {
  readonly sink = new RecordedSink<Wanted>();
  source: ServerSource;
  readonly ownCluster: OwnClusterOptions;
  readonly namespace: string;
  readonly directory: string;
  readonly #server: KubeApiserver;
  /** The API can say no nonsense; what cannot be taken for servers is a second port that nobody has chosen from. */
  #ports: readonly object[] = [{ name: 'http', port: 8080 }];

  constructor(server: KubeApiserver, namespace: string, directory: string) {
    this.#server = server;
    this.namespace = namespace;
    this.directory = directory;
    const address = { host: '127.0.0.1', port: server.port };
    this.ownCluster = { address, directory };
    const options = { address, serviceAccountDirectory: directory };
    this.source = createKubernetesSource(web, recordedContext(this.sink), options);
  }

  /** In two slices, as controllers spread them. */
  async hold(addresses: readonly string[]): Promise<void> {
    this.#ports = [{ name: 'http', port: 8080 }];
    await this.#spread(addresses);
  }

  async nonsense(): Promise<void> {
    this.#ports = [
      { name: 'http', port: 8080 },
      { name: 'metrics', port: 9090 },
    ];
    await this.#spread(['10.0.0.1']);
  }

  async put(name: string, slice: { readonly endpoints: readonly object[]; readonly ports?: readonly object[] }) {
    await this.#server.apply(`/apis/discovery.k8s.io/v1/namespaces/${this.namespace}/endpointslices/${name}`, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: this.#ports,
      ...slice,
    });
  }

  /** Of the same account. */
  async kubeconfig(): Promise<string> {
    const { caPem, url } = this.#server;
    const cluster = { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
    const token = await this.#server.createAccountToken(this.namespace, 'headgate');
    return JSON.stringify({
      'current-context': 'here',
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: this.namespace } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token } }],
    });
  }

  addressesOf(wanted: Wanted): readonly string[] {
    return wanted.map(({ server }) => (server as { address: string }).address);
  }

  async untilAddresses(addresses: readonly string[]): Promise<void> {
    const wanted = [...addresses].sort().join();
    const holds = ({ newest }: { readonly newest: Wanted | undefined }): boolean =>
      newest !== undefined && [...this.addressesOf(newest)].sort().join() === wanted;
    await this.sink.until(`the addresses are ${wanted.slice(0, 100)}`, holds);
  }

  async untilNewest(entries: Wanted): Promise<void> {
    const wanted = JSON.stringify(entries);
    await this.sink.until(`the newest delivery is ${wanted}`, ({ newest }) => JSON.stringify(newest) === wanted);
  }

  lose(): Promise<void> {
    return this.#server.kill();
  }

  async restore(): Promise<void> {
    if (!this.#server.isRunning) await this.#server.start();
  }

  async close(): Promise<void> {
    await this.restore();
    await rm(this.directory, { recursive: true });
  }

  async #spread(addresses: readonly string[]): Promise<void> {
    for (const half of [0, 1]) {
      const own = addresses.filter((_, index) => index % 2 === half);
      await this.put(`web-${half}`, { endpoints: own.map((address) => ({ addresses: [address] })) });
    }
  }
}

function documentedRules(): readonly KubeRule[] {
  const path = join(import.meta.dirname, '../../../../docs/reference/sources-kubernetes.md');
  const blocks = readFileSync(path, 'utf8').matchAll(/```yaml\n(.*?)```/gs);
  const role = [...blocks].map(([, text]) => text!).find((text) => text.includes('kind: Role\n'));
  const parsed = parseDocument(role ?? '');
  if (!parsed.ok) throw new Error('the page shows no Role');
  return (parsed.value as { readonly rules: readonly KubeRule[] }).rules;
}
