import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** How to get the programs, for `describeWith`. */
export const kubernetesPrograms = {
  etcd: 'apt-get install etcd-server',
  'kube-apiserver': 'built from the Go module k8s.io/kubernetes into ~/.cache/headgate-tools',
} as const;

/** No test takes longer; programs that nobody ends end by themselves. */
const LIFE_S = 600;
const READY_MS = 90_000;
const REQUEST_MS = 20_000;

export interface KubeAnswer {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: unknown;
}

export interface KubeRequestOptions {
  /** Default: that of an administrator. */
  readonly token?: string;
  /** Default application/json. */
  readonly contentType?: string;
}

/** A rule of a Role. */
export interface KubeRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * The API of Kubernetes on an etcd of its own, without nodes and controllers: objects, watches, accounts and roles are
 * real. It keeps its port, its certificate and its objects through `kill` and `start`.
 */
export class KubeApiserver {
  readonly port: number;
  readonly adminToken = randomBytes(16).toString('hex');
  readonly #paths: Readonly<Record<string, string>>;
  readonly #directory: string;
  readonly #etcdPort: number;
  #etcd: ChildProcess | undefined;
  #apiserver: ChildProcess | undefined;
  #caPem = '';

  /** `paths` are those of `kubernetesPrograms`. */
  static async start(paths: Readonly<Record<string, string>>): Promise<KubeApiserver> {
    const directory = await mkdtemp(join(tmpdir(), 'headgate-kube-'));
    const [port, etcdPort, peerPort] = await freePorts(3);
    const server = new KubeApiserver(paths, directory, { port: port!, etcdPort: etcdPort! });
    try {
      await server.#writeKeys();
      server.#startEtcd(peerPort!);
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  private constructor(
    paths: Readonly<Record<string, string>>,
    directory: string,
    ports: { readonly port: number; readonly etcdPort: number },
  ) {
    this.#paths = paths;
    this.#directory = directory;
    this.port = ports.port;
    this.#etcdPort = ports.etcdPort;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Whom a client has to believe. */
  get caPem(): string {
    return this.#caPem;
  }

  get isRunning(): boolean {
    return this.#apiserver !== undefined;
  }

  /** Returns when it is ready: before, it knows no roles and refuses everybody. */
  async start(): Promise<void> {
    const etcd = `http://127.0.0.1:${this.#etcdPort}`;
    this.#apiserver = this.#run('kube-apiserver', [
      `--etcd-servers=${etcd}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${this.port}`,
      `--cert-dir=${this.#directory}`,
      `--token-auth-file=${this.#file('tokens.csv')}`,
      `--service-account-key-file=${this.#file('sa.pub')}`,
      `--service-account-signing-key-file=${this.#file('sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--authorization-mode=RBAC',
      '--disable-admission-plugins=ServiceAccount',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--endpoint-reconciler-type=none',
    ]);
    await this.#untilReady();
  }

  /** Ends it as a power cut does; etcd goes on. */
  async kill(): Promise<void> {
    await end(this.#apiserver);
    this.#apiserver = undefined;
  }

  async close(): Promise<void> {
    await this.kill();
    await end(this.#etcd);
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** `path` begins with a slash; `body` is sent as JSON, which is YAML too. */
  async request(method: string, path: string, body?: unknown, options: KubeRequestOptions = {}): Promise<KubeAnswer> {
    const { token = this.adminToken, contentType = 'application/json' } = options;
    const sent = request(`${this.url}${path}`, {
      agent: false,
      method,
      ca: this.#caPem,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': contentType }) },
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const answered = once(sent, 'response');
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await answered) as [NodeJS.ReadableStream & { statusCode?: number }];
    return { status: response.statusCode ?? 0, body: await json(response) };
  }

  /** As `request`, for what has to succeed. */
  async demand(method: string, path: string, body?: unknown, options?: KubeRequestOptions): Promise<unknown> {
    const answer = await this.request(method, path, body, options);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw new Error(`${method} ${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  /** Creates or replaces an object by server-side apply; `path` is that of the object. */
  async apply(path: string, object: unknown): Promise<void> {
    const contentType = 'application/apply-patch+yaml';
    await this.demand('PATCH', `${path}?fieldManager=headgate&force=true`, object, { contentType });
  }

  async createNamespace(name: string): Promise<void> {
    await this.apply(`/api/v1/namespaces/${name}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  /** Creates the account where it does not exist, and a token for it as pods get them. */
  async createAccountToken(namespace: string, name: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
    await this.apply(path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
    const wanted = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } };
    const made = (await this.demand('POST', `${path}/token`, wanted)) as { status: { token: string } };
    return made.status.token;
  }

  /** Lets an account of the namespace do this there, by a Role and a binding of the account's name. */
  async grant(namespace: string, account: string, rules: readonly KubeRule[]): Promise<void> {
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const path = `/apis/${apiVersion}/namespaces/${namespace}`;
    const metadata = { name: account };
    await this.apply(`${path}/roles/${account}`, { apiVersion, kind: 'Role', metadata, rules });
    await this.apply(`${path}/rolebindings/${account}`, {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    });
  }

  /** Takes back what `grant` gave. */
  async revoke(namespace: string, account: string): Promise<void> {
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await this.demand('DELETE', `${path}/rolebindings/${account}`);
    await this.demand('DELETE', `${path}/roles/${account}`);
  }

  async #writeKeys(): Promise<void> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2_048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    await writeFile(this.#file('sa.key'), privateKey, { mode: 0o600 });
    await writeFile(this.#file('sa.pub'), publicKey);
    await writeFile(this.#file('tokens.csv'), `${this.adminToken},admin,admin,"system:masters"\n`, { mode: 0o600 });
  }

  #startEtcd(peerPort: number): void {
    const client = `http://127.0.0.1:${this.#etcdPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    this.#etcd = this.#run('etcd', [
      ...['--name', 'one', '--data-dir', this.#file('etcd')],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `one=${peer}`],
    ]);
  }

  #run(name: string, options: readonly string[]): ChildProcess {
    const log = openSync(this.#file(`${name}.log`), 'a');
    // The shell becomes the program, and so has its process id; what it leaves behind ends both.
    const script = `(sleep ${LIFE_S}; kill -9 $$) & exec "$@"`;
    const stdio = ['ignore', log, log] as const;
    const child = spawn('sh', ['-c', script, 'sh', this.#paths[name]!, ...options], {
      detached: true,
      stdio: [...stdio],
    });
    closeSync(log);
    return child;
  }

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (!(await this.#isReady())) {
      const ended = typeof this.#apiserver?.exitCode === 'number';
      if (ended || Date.now() > deadline)
        throw new Error(`kube-apiserver does not become ready: ${await this.#logTail()}`);
      await delay(50);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      // It writes the certificate that it makes for itself there.
      this.#caPem = await readFile(this.#file('apiserver.crt'), 'utf8');
      const answer = await this.request('GET', '/api/v1/namespaces/default');
      const roles = await this.request('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/view');
      return answer.status === 200 && roles.status === 200 && (await this.#saysReady());
    } catch {
      return false;
    }
  }

  async #saysReady(): Promise<boolean> {
    const sent = request(`${this.url}/readyz`, { agent: false, ca: this.#caPem, signal: AbortSignal.timeout(5_000) });
    const answered = once(sent, 'response');
    sent.end();
    const [response] = (await answered) as [NodeJS.ReadableStream & { statusCode?: number }];
    response.resume();
    return response.statusCode === 200;
  }

  async #logTail(): Promise<string> {
    return (await readFile(this.#file('kube-apiserver.log'), 'utf8').catch(() => '')).slice(-2_000);
  }

  #file(name: string): string {
    return join(this.#directory, name);
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // Its group: the sleep that would end it later too.
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
