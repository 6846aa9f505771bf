import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ChildProcess } from '../../src/harness/child-process.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';
import type { ImageTree } from '../image/image-tree.ts';
import { PrivateNetwork } from '../image/private-network.ts';
import type { Manifest, PodSpec } from './manifest.ts';
import { podEnvironment } from './pod-environment.ts';
import { podFiles } from './pod-files.ts';

/**
 * Runs rendered pods on the images' trees as a kubelet would: with their environment, their mounts below /etc, their data
 * and their probes. All share one network of their own, in which every Service is at 127.0.0.1.
 */
export class SmallKubelet {
  readonly #manifests: readonly Manifest[];
  readonly #directory = mkdtempSync(join(tmpdir(), 'headgate-pods-'));
  readonly #network: PrivateNetwork;
  readonly #running: ChildProcess[] = [];

  private constructor(manifests: readonly Manifest[], network: PrivateNetwork) {
    this.#manifests = manifests;
    this.#network = network;
  }

  static async start(manifests: readonly Manifest[]): Promise<SmallKubelet> {
    return new SmallKubelet(manifests, await PrivateNetwork.open());
  }

  run(pod: PodSpec, tree: ImageTree): ChildProcess {
    const { command } = pod.containers[0];
    const options = { etc: this.#etcOf(pod), network: this.#network, ...(command === undefined ? {} : { command }) };
    const child = tree.start(tree.dataDirectory(), podEnvironment(pod), options);
    this.#running.push(child);
    return child;
  }

  /** Waits until the pod's readiness probe succeeds. */
  async ready(pod: PodSpec, child: ChildProcess): Promise<void> {
    const { readinessProbe, ports = [] } = pod.containers[0];
    const { path, port } = readinessProbe!.httpGet;
    const url = `http://127.0.0.1:${ports.find(({ name }) => name === port)?.containerPort}${path}`;
    const code = `fetch(${JSON.stringify(url)}).then(({ status }) => process.exit(status === 200 ? 0 : 1), () => process.exit(1))`;
    const [program = '', ...args] = this.#network.around([process.execPath, '-e', code]);
    await waitUntil(`${path} of ${port} succeeds`, () => {
      if (child.ended) throw new Error(`the container has ended with ${child.exitCode}:\n${child.output}`);
      return spawnSync(program, args).status === 0;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((child) => child.stop('SIGKILL')));
    await this.#network.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** A folder with what is mounted below /etc, and the names of Services. */
  #etcOf(pod: PodSpec): string {
    const etc = mkdtempSync(join(this.#directory, 'etc-'));
    chmodSync(etc, 0o755);
    const services = this.#manifests.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata);
    const names = services.map(({ name, namespace }) => `${name}.${namespace}.svc`);
    writeFileSync(join(etc, 'hosts'), `127.0.0.1 localhost ${names.join(' ')}\n`);
    writeFileSync(join(etc, 'nsswitch.conf'), 'hosts: files\n');
    for (const [path, content] of podFiles(pod, this.#manifests)) {
      const file = join(etc, path.replace(/^\/etc\//, ''));
      mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
      writeFileSync(file, content);
    }
    return etc;
  }
}
