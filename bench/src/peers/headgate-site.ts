import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlaneProcess } from '@headgate/e2e/harness/control-plane-process';
import { DataPlaneProcess } from '@headgate/e2e/harness/data-plane-process';
import { LOAD_CORE, pin, PROXY_CORE, yieldTo } from '../machine/cores.ts';
import { answersOn } from './answers-on.ts';
import type { Endpoint } from './endpoint.ts';
import type { RunningPeer } from './running-peer.ts';

export interface PlaneOrder {
  readonly name: string;
  readonly engine: 'headgate' | 'http-proxy';
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the core of proxies. */
  readonly cores?: string;
}

export interface SiteOrder {
  readonly configuration: unknown;
  readonly planes: readonly PlaneOrder[];
  /** Address that data planes connect to, made of the control plane's. Default: that itself. */
  readonly through?: (grpcAddress: string) => Promise<string>;
}

/** A control plane, out of the way on the core of the load, and data planes that are measured. */
export class HeadgateSite {
  readonly controlPlane: ControlPlaneProcess;
  readonly directory: string;
  readonly #planes = new Map<string, DataPlaneProcess>();

  private constructor(controlPlane: ControlPlaneProcess, directory: string) {
    this.controlPlane = controlPlane;
    this.directory = directory;
  }

  /** Resolves once every data plane serves a.example.com. */
  static async start({ configuration, planes, through }: SiteOrder): Promise<HeadgateSite> {
    const directory = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
    const controlPlane = await ControlPlaneProcess.start({ dataDir: join(directory, 'control-plane') });
    const site = new HeadgateSite(controlPlane, directory);
    try {
      site.makeWay();
      await controlPlane.api.write('PUT', '/api/v1/config', configuration);
      const address = (await through?.(controlPlane.grpcAddress)) ?? controlPlane.grpcAddress;
      for (const plane of planes) await site.#startPlane(plane, address);
      return site;
    } catch (error) {
      await site.stop();
      throw error;
    }
  }

  plane(name: string): DataPlaneProcess {
    const plane = this.#planes.get(name);
    if (plane === undefined) throw new Error(`no data plane ${name}`);
    return plane;
  }

  /** Its data planes, as what is measured. */
  get proxies(): readonly Omit<RunningPeer, 'version'>[] {
    return [...this.#planes].map(([name, plane]) => {
      return { name, pid: plane.child.pid, port: plane.port, stop: () => plane.stop() };
    });
  }

  /** The control plane, restarted or not, gives way to the load. */
  makeWay(): void {
    pin(this.controlPlane.child.pid, LOAD_CORE);
    yieldTo(this.controlPlane.child.pid);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#planes.values()].map((plane) => plane.stop('SIGKILL')));
    await this.controlPlane.stop('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  async #startPlane({ name, engine, env, cores = PROXY_CORE }: PlaneOrder, controlPlane: string): Promise<void> {
    const plane = await DataPlaneProcess.start({
      id: name.replaceAll(/[^a-z0-9]+/gi, '-'),
      stateDir: join(this.directory, `data-plane-${this.#planes.size}`),
      controlPlane,
      joinToken: await this.controlPlane.joinToken(),
      env: { HEADGATE_ENGINE: engine, HEADGATE_MAX_CLIENT_CONNECTIONS: '20000', ...env },
    });
    this.#planes.set(name, plane);
    pin(plane.child.pid, cores);
    await answersOn(plane.port);
  }
}

/** A configuration of a.example.com alone. */
export function oneHost(endpoints: readonly Endpoint[], backend: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    backends: [{ name: 'web', servers: endpoints, ...backend }],
    hosts: [{ host: 'a.example.com', backend: 'web' }],
  };
}
