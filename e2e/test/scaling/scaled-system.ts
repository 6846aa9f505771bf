import { join } from 'node:path';
import { DataPlaneProcess } from '../../src/harness/data-plane-process.ts';
import { ReadySplitter } from '../../src/harness/ready-splitter.ts';
import { addHost, siteConfiguration, siteHost } from '../../src/harness/site.ts';
import { SteadyLoad } from '../../src/harness/steady-load.ts';
import { System } from '../../src/harness/system.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';

/** A control plane, and data planes that come and go behind a splitter, as a Deployment's pods do behind a Service. */
export class ScaledSystem {
  readonly system: System;
  readonly splitter: ReadySplitter;
  readonly #names = new Map<DataPlaneProcess, string>();
  readonly #loads: SteadyLoad[] = [];
  #pods: DataPlaneProcess[] = [];
  #made = 0;

  private constructor(system: System, splitter: ReadySplitter) {
    this.system = system;
    this.splitter = splitter;
  }

  /** With so many ready data planes that serve the site. */
  static async start(dataPlanes: number): Promise<ScaledSystem> {
    const system = await System.start({ dataPlanes: 0, controlPlaneEnv: { HEADGATE_FORGET_DATA_PLANES: '2s' } });
    const scaled = new ScaledSystem(system, await new ReadySplitter().start());
    await system.api.write('PUT', '/api/v1/config', siteConfiguration(system));
    await scaled.grow(dataPlanes);
    return scaled;
  }

  get size(): number {
    return this.#pods.length;
  }

  get names(): readonly string[] {
    return this.#pods.map((pod) => this.#names.get(pod) ?? '');
  }

  load(requestsPerSecond: number): SteadyLoad {
    const load = new SteadyLoad({ port: this.splitter.port, host: siteHost, requestsPerSecond });
    this.#loads.push(load);
    return load;
  }

  /** Starts so many more at once, without waiting until they are ready. */
  async launch(count: number): Promise<readonly DataPlaneProcess[]> {
    const joinToken = await this.system.controlPlane.joinToken();
    const started = await Promise.all(Array.from({ length: count }, () => this.#launchOne(joinToken)));
    this.#pods.push(...started);
    for (const pod of started) this.splitter.add(pod);
    return started;
  }

  /**
   * Starts so many more, after a change that makes a new version, and waits until they get traffic. Returns the versions that
   * they served when they were first ready, and that version.
   */
  async grow(count: number): Promise<{ readonly newest: number; readonly served: readonly number[] }> {
    const { version } = await addHost(this.system, `before-${this.#made + 1}`);
    const started = await this.launch(count);
    const served = await Promise.all(started.map((pod) => this.ready(pod)));
    return { newest: version, served };
  }

  /** Waits until a data plane gets traffic; the version that it served then. */
  async ready(pod: DataPlaneProcess): Promise<number> {
    const said = await waitUntil(`${this.#names.get(pod)} is ready`, () => this.splitter.firstReady(pod), 60_000);
    return said.version;
  }

  /** Ends the oldest ones as Kubernetes ends pods, by SIGTERM, and waits until they have gone. */
  async shrink(count: number): Promise<void> {
    const ended = this.#pods.slice(0, count);
    this.#pods = this.#pods.slice(count);
    await Promise.all(ended.map((pod) => this.#end(pod)));
  }

  /** A new one for each old one, each ready before an old one goes. */
  async replaceAll(): Promise<void> {
    for (let left = this.size; left > 0; left--) {
      await this.grow(1);
      await this.shrink(1);
    }
  }

  /** Ends the oldest one and starts it again where it was, as a container does that ends in its pod. */
  async restartOldest(): Promise<DataPlaneProcess> {
    const pod = this.#pods[0]!;
    await this.#end(pod);
    await pod.start();
    this.splitter.add(pod);
    return pod;
  }

  async close(): Promise<void> {
    for (const load of this.#loads) load.abort();
    this.splitter.close();
    await Promise.all(this.#pods.map((pod) => pod.stop('SIGKILL')));
    await this.system.close();
  }

  async #launchOne(joinToken: string): Promise<DataPlaneProcess> {
    const id = `headgate-data-plane-${++this.#made}`;
    const pod = await DataPlaneProcess.start({
      id,
      stateDir: join(this.system.directory, id),
      controlPlane: this.system.controlPlane.grpcAddress,
      joinToken,
      // As the chart writes it on a node without a zone.
      env: { HEADGATE_LABELS: `node=node-${this.#made},zone=`, HEADGATE_SHUTDOWN_DELAY: '1s' },
    });
    this.#names.set(pod, id);
    return pod;
  }

  async #end(pod: DataPlaneProcess): Promise<void> {
    await pod.stop('SIGTERM');
    this.splitter.remove(pod);
    if (pod.child.exitCode !== 0)
      throw new Error(`it ended with ${pod.child.exitCode}:\n${pod.child.output.slice(-2_000)}`);
  }
}
