import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { waitUntil } from '@headgate/e2e/harness/wait-until';
import { BOTH_CORES } from '../machine/cores.ts';
import { findProgram } from '../machine/find-program.ts';
import { freePorts } from '../machine/free-ports.ts';
import { PinnedProcess } from '../machine/pinned-process.ts';

const READY_MS = 90_000;
const REQUEST_MS = 20_000;

interface Programs {
  readonly etcd: string;
  readonly apiserver: string;
}

interface Ports {
  readonly api: number;
  readonly etcd: number;
  readonly peer: number;
}

/** The API of Kubernetes on an etcd of its own, without nodes and controllers. */
export class KubeApiserver {
  readonly #directory: string;
  readonly #port: number;
  readonly #token = randomBytes(16).toString('hex');
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #processes: PinnedProcess[] = [];
  #ca = '';

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.#port = port;
  }

  /** Resolves once it answers; with a text that says what is missing when it is not installed. */
  static async start(): Promise<KubeApiserver | string> {
    const [etcd, apiserver] = [findProgram('etcd'), findProgram('kube-apiserver')];
    if (etcd === undefined) return 'Kubernetes is missing: apt-get install etcd-server';
    if (apiserver === undefined) {
      return 'Kubernetes is missing: scripts/build-test-peers.sh ~/.cache/headgate-tools kube-apiserver';
    }
    const [api = 0, client = 0, peer = 0] = await freePorts(3);
    const server = new KubeApiserver(await mkdtemp(join(tmpdir(), 'headgate-bench-kube-')), api);
    try {
      await server.#start({ etcd, apiserver }, { api, etcd: client, peer });
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** For its administrator, JSON. */
  get kubeconfig(): string {
    const cluster = {
      server: `https://127.0.0.1:${this.#port}`,
      'certificate-authority-data': Buffer.from(this.#ca).toString('base64'),
    };
    return JSON.stringify({
      'current-context': 'bench',
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench', namespace: 'default' } }],
      clusters: [{ name: 'bench', cluster }],
      users: [{ name: 'bench', user: { token: this.#token } }],
    });
  }

  /** Creates or replaces the one slice of a Service of the namespace default. */
  async putSlice(
    service: string,
    { address, port }: { readonly address: string; readonly port: number },
  ): Promise<void> {
    const path = `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/${service}?fieldManager=bench&force=true`;
    const answer = await this.#send('PATCH', path, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: service, labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port, protocol: 'TCP' }],
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
    });
    if (answer.status >= 300) throw new Error(`the slice was answered with ${answer.status}: ${answer.body}`);
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    for (const process of this.#processes.toReversed()) await process.stop('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #start({ etcd, apiserver }: Programs, ports: Ports): Promise<void> {
    await this.#writeKeys();
    const [client, peer] = [`http://127.0.0.1:${ports.etcd}`, `http://127.0.0.1:${ports.peer}`];
    this.#run([
      ...[etcd, '--name', 'one', '--data-dir', this.#file('etcd')],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `one=${peer}`],
    ]);
    const running = this.#run([
      ...[apiserver, `--etcd-servers=${client}`, '--bind-address=127.0.0.1', `--secure-port=${ports.api}`],
      ...[`--cert-dir=${this.#directory}`, `--token-auth-file=${this.#file('tokens.csv')}`],
      ...[`--service-account-key-file=${this.#file('sa.pub')}`, '--authorization-mode=RBAC'],
      ...[`--service-account-signing-key-file=${this.#file('sa.key')}`],
      ...['--service-account-issuer=https://kubernetes.default.svc', '--disable-admission-plugins=ServiceAccount'],
      ...['--service-cluster-ip-range=10.0.0.0/24', '--endpoint-reconciler-type=none'],
    ]);
    await waitUntil('kube-apiserver is ready', () => running.ended || this.#isReady(), READY_MS);
    if (running.ended) throw new Error(`kube-apiserver has ended:\n${running.output.slice(-2_000)}`);
  }

  #run(command: readonly string[]): PinnedProcess {
    const process = new PinnedProcess({ cores: BOTH_CORES, command });
    this.#processes.push(process);
    return process;
  }

  /** It writes the certificate that it makes for itself into its directory, and knows no namespace at first. */
  async #isReady(): Promise<boolean> {
    this.#ca = await readFile(this.#file('apiserver.crt'), 'utf8');
    const answers = [await this.#send('GET', '/readyz'), await this.#send('GET', '/api/v1/namespaces/default')];
    return answers.every(({ status }) => status === 200);
  }

  async #send(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const content = body === undefined ? {} : { 'content-type': 'application/apply-patch+yaml' };
    const sent = request({
      ...{ host: '127.0.0.1', port: this.#port, method, path, agent: this.#agent, ca: this.#ca },
      headers: { authorization: `Bearer ${this.#token}`, ...content },
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const answered = once(sent, 'response');
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await answered) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, body: await text(answer) };
  }

  async #writeKeys(): Promise<void> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2_048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    await writeFile(this.#file('sa.key'), privateKey, { mode: 0o600 });
    await writeFile(this.#file('sa.pub'), publicKey);
    await writeFile(this.#file('tokens.csv'), `${this.#token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  }

  #file(name: string): string {
    return join(this.#directory, name);
  }
}
