import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProcess } from '../../src/harness/child-process.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';
import type { Manifest } from '../chart/manifest.ts';

/** How to get what it consists of; the keys are the programs. */
export const kubeApiServerNeeded = {
  etcd: 'apt-get install etcd-server',
  'kube-apiserver': 'scripts/build-test-peers.sh ~/.cache/headgate-tools kube-apiserver',
};

export interface KubeAnswer {
  readonly status: number;
  readonly body: KubeObject;
}

export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** A real kube-apiserver on an etcd of its own: objects, admission and access control, and no node that runs pods. */
export class KubeApiServer {
  readonly #directory: string;
  readonly #port: number;
  readonly #processes: readonly ChildProcess[];

  private constructor(directory: string, port: number, processes: readonly ChildProcess[]) {
    this.#directory = directory;
    this.#port = port;
    this.#processes = processes;
  }

  static async start(programs: Readonly<Record<string, string>>): Promise<KubeApiServer> {
    const directory = mkdtempSync(join(tmpdir(), 'headgate-kube-'));
    const [port, client, peer] = await freePorts();
    const keys = ['genrsa', '-out', join(directory, 'accounts.key'), '2048'];
    execFileSync('openssl', keys, { stdio: 'ignore' });
    writeFileSync(join(directory, 'tokens.csv'), `${adminToken},admin,1,"system:masters"\n`, { mode: 0o600 });
    const etcd = ChildProcess.startProgram({
      program: programs['etcd']!,
      args: etcdArguments(directory, { client: `http://127.0.0.1:${client}`, peer: `http://127.0.0.1:${peer}` }),
    });
    const server = ChildProcess.startProgram({
      program: programs['kube-apiserver']!,
      args: serverArguments(directory, { port, etcd: `http://127.0.0.1:${client}` }),
    });
    const started = new KubeApiServer(directory, port, [server, etcd]);
    try {
      await waitUntil('kube-apiserver is ready', () => started.#isReady(server), 60_000);
    } catch (error) {
      await started.close();
      throw new Error(server.output.slice(-4_000), { cause: error });
    }
    started.#writeKubeconfig();
    return started;
  }

  /** Of its administrator. */
  get kubeconfig(): string {
    return join(this.#directory, 'kubeconfig');
  }

  /** One that stands alone, for the holder of a token. */
  kubeconfigFor(token: string): string {
    const ca = readFileSync(join(this.#directory, 'certificates', 'apiserver.crt'));
    return JSON.stringify(
      kubeconfig(token, { server: this.#url, 'certificate-authority-data': ca.toString('base64') }),
    );
  }

  /** As the administrator, unless another token is given. PATCH merges; APPLY is the patch of a server-side apply. */
  call(method: string, path: string, body?: unknown, token = adminToken): Promise<KubeAnswer> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': contentTypeOf(method) };
      const ca = readFileSync(join(this.#directory, 'certificates', 'apiserver.crt'));
      const verb = method === 'APPLY' ? 'PATCH' : method;
      const to = { host: '127.0.0.1', port: this.#port, path, method: verb, headers, ca, timeout: 20_000 };
      const sent = request(to, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = answer.headers['content-type']?.includes('json') === true;
          resolve({ status: answer.statusCode ?? 0, body: (isJson ? JSON.parse(text) : { text }) as KubeObject });
        });
      });
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered`)));
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Insists that it succeeds. */
  async must(method: string, path: string, body?: unknown): Promise<KubeObject> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** What a server-side apply would answer, every field known; nothing is changed. */
  async dryApply(manifest: Manifest): Promise<KubeAnswer> {
    const { apiVersion, kind, metadata } = manifest;
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { resources } = (await this.must('GET', group)) as unknown as { resources: readonly Resource[] };
    const plural = resources.find((resource) => resource.kind === kind && !resource.name.includes('/'))?.name;
    const path = `${group}/namespaces/${metadata.namespace}/${plural}/${metadata.name}`;
    return this.call('APPLY', `${path}?dryRun=All&fieldValidation=Strict&fieldManager=test&force=true`, manifest);
  }

  /** A namespace in which the PodSecurity standard *restricted* is enforced. */
  async restrictedNamespace(name: string): Promise<void> {
    const labels = {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    };
    await this.must('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }

  /** A token by which to speak as a service account, as the kubelet mounts one. */
  async accountToken(namespace: string, name: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const made = await this.must('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    });
    return (made['status'] as { readonly token: string }).token;
  }

  /** What `kubectl auth can-i` asks, as the holder of the token. */
  async canI(token: string, attributes: Readonly<Record<string, string>>): Promise<boolean> {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: attributes },
    };
    const { status, body } = await this.call('POST', path, review, token);
    if (status !== 201) throw new Error(`the review was answered ${status}: ${JSON.stringify(body)}`);
    return (body['status'] as { readonly allowed: boolean }).allowed;
  }

  async close(): Promise<void> {
    for (const child of this.#processes) await child.stop('SIGTERM', 10_000);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #isReady(server: ChildProcess): Promise<boolean> {
    if (server.ended) throw new Error('kube-apiserver has ended');
    return (await this.call('GET', '/readyz')).status === 200;
  }

  get #url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  #writeKubeconfig(): void {
    const authority = join(this.#directory, 'certificates', 'apiserver.crt');
    const config = kubeconfig(adminToken, { server: this.#url, 'certificate-authority': authority });
    writeFileSync(this.kubeconfig, JSON.stringify(config), { mode: 0o600 });
  }
}

function kubeconfig(token: string, cluster: Readonly<Record<string, string>>): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'user' } }],
    'current-context': 'test',
  };
}

const adminToken = 'the-administrator-of-a-test';

interface Resource {
  readonly kind: string;
  readonly name: string;
}

function contentTypeOf(method: string): string {
  if (method === 'APPLY') return 'application/apply-patch+yaml';
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
}

function etcdArguments(directory: string, urls: { readonly client: string; readonly peer: string }): readonly string[] {
  return [
    ...['--data-dir', join(directory, 'etcd'), '--log-level', 'error', '--unsafe-no-fsync'],
    ...['--listen-client-urls', urls.client, '--advertise-client-urls', urls.client],
    ...['--listen-peer-urls', urls.peer, '--initial-advertise-peer-urls', urls.peer],
    ...['--initial-cluster', `default=${urls.peer}`],
  ];
}

function serverArguments(directory: string, to: { readonly port: number; readonly etcd: string }): readonly string[] {
  const key = join(directory, 'accounts.key');
  return [
    `--etcd-servers=${to.etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${to.port}`,
    `--cert-dir=${join(directory, 'certificates')}`,
    `--token-auth-file=${join(directory, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.0.0.0/24',
    // It would ask for the accounts that controllers make, and there are no controllers.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

/** Three that are free now, taken at the same time so that they differ. */
async function freePorts(): Promise<readonly [number, number, number]> {
  const servers = await Promise.all([0, 1, 2].map(() => listen()));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as unknown as readonly [number, number, number];
}

function listen(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
