import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlaneProcess } from './control-plane-process.ts';
import { DataPlaneProcess } from './data-plane-process.ts';
import { DemoServer } from './demo-server.ts';
import { waitUntil } from './wait-until.ts';

export interface SystemOptions {
  readonly dataPlanes?: number;
  readonly servers?: number;
  readonly controlPlaneEnv?: Readonly<Record<string, string>>;
  readonly dataPlaneEnv?: Readonly<Record<string, string>>;
}

/** A whole Headgate in processes of its own, with servers to send traffic to, in a folder of its own. */
export class System {
  readonly directory: string;
  readonly controlPlane: ControlPlaneProcess;
  readonly dataPlanes: readonly DataPlaneProcess[];
  readonly servers: readonly DemoServer[];

  private constructor(parts: Pick<System, 'directory' | 'controlPlane' | 'dataPlanes' | 'servers'>) {
    this.directory = parts.directory;
    this.controlPlane = parts.controlPlane;
    this.dataPlanes = parts.dataPlanes;
    this.servers = parts.servers;
  }

  static async start(options: SystemOptions = {}): Promise<System> {
    const directory = await mkdtemp(join(tmpdir(), 'headgate-'));
    const controlPlane = await ControlPlaneProcess.start({
      dataDir: join(directory, 'control-plane'),
      ...(options.controlPlaneEnv === undefined ? {} : { env: options.controlPlaneEnv }),
    });
    const joinToken = await controlPlane.joinToken();
    const dataPlanes = await Promise.all(
      Array.from({ length: options.dataPlanes ?? 1 }, (_, index) =>
        DataPlaneProcess.start({
          id: `dp-${index + 1}`,
          stateDir: join(directory, `data-plane-${index + 1}`),
          controlPlane: controlPlane.grpcAddress,
          joinToken,
          ...(options.dataPlaneEnv === undefined ? {} : { env: options.dataPlaneEnv }),
        }),
      ),
    );
    const names = Array.from({ length: options.servers ?? 2 }, (_, index) => `server-${index + 1}`);
    const servers = await Promise.all(names.map((name) => new DemoServer(name).start()));
    const system = new System({ directory, controlPlane, dataPlanes, servers });
    await waitUntil('all data planes have joined', () => system.#joined());
    return system;
  }

  get api(): ControlPlaneProcess['api'] {
    return this.controlPlane.api;
  }

  /** The first data plane. */
  get dataPlane(): DataPlaneProcess {
    return this.dataPlanes[0]!;
  }

  async close(): Promise<void> {
    await Promise.all(this.dataPlanes.map((plane) => plane.stop('SIGKILL')));
    await this.controlPlane.stop('SIGKILL');
    await Promise.all(this.servers.map((server) => server.stop().catch(() => undefined)));
    await rm(this.directory, { recursive: true, force: true });
  }

  async #joined(): Promise<boolean> {
    const answer = await this.api.request<{ items: readonly unknown[] }>('GET', '/api/v1/data-planes');
    return answer.status === 200 && answer.body.items.length === this.dataPlanes.length;
  }
}
