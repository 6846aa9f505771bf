import { ChildProcess } from './child-process.ts';
import { listening } from './control-plane-process.ts';
import { planePaths } from './plane-paths.ts';

export interface DataPlaneOptions {
  readonly id: string;
  readonly stateDir: string;
  /** host:port, several separated by commas. */
  readonly controlPlane: string;
  readonly joinToken: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A data plane as a process. Restarts keep its state directory and its ports. */
export class DataPlaneProcess {
  readonly #options: DataPlaneOptions;
  #child: ChildProcess;
  #addresses: Addresses;

  private constructor(options: DataPlaneOptions, started: Started) {
    this.#options = options;
    this.#child = started.child;
    this.#addresses = started.addresses;
  }

  static async start(options: DataPlaneOptions): Promise<DataPlaneProcess> {
    return new DataPlaneProcess(options, await launch(options, { http: '127.0.0.1:0', admin: '127.0.0.1:0' }));
  }

  get child(): ChildProcess {
    return this.#child;
  }

  get port(): number {
    return Number(this.#addresses.http.split(':').at(-1));
  }

  get adminUrl(): string {
    return `http://${this.#addresses.admin}`;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#child.stop(signal);
  }

  async start(): Promise<void> {
    const started = await launch(this.#options, this.#addresses);
    this.#child = started.child;
    this.#addresses = started.addresses;
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`${this.adminUrl}/readyz`)).status === 200;
  }

  /** The running configuration, as the admin listener shows it. */
  async dump(): Promise<Record<string, unknown>> {
    return (await (await fetch(`${this.adminUrl}/config`)).json()) as Record<string, unknown>;
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.adminUrl}/metrics`)).text();
  }
}

interface Addresses {
  readonly http: string;
  readonly admin: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly addresses: Addresses;
}

async function launch(options: DataPlaneOptions, at: Addresses): Promise<Started> {
  const child = ChildProcess.start({
    script: planePaths.dataPlane,
    env: {
      HEADGATE_DATA_PLANE_ID: options.id,
      HEADGATE_STATE_DIR: options.stateDir,
      HEADGATE_CONTROL_PLANE: options.controlPlane,
      HEADGATE_JOIN_TOKEN: options.joinToken,
      HEADGATE_HTTP_ADDRESS: at.http,
      HEADGATE_ADMIN_ADDRESS: at.admin,
      HEADGATE_ACCESS_LOG: 'false',
      HEADGATE_SHUTDOWN_DELAY: '0s',
      HEADGATE_SHUTDOWN_TIMEOUT: '5s',
      ...options.env,
    },
  });
  try {
    const [http, admin] = await Promise.all([listening(child, 'http'), listening(child, 'admin')]);
    return { child, addresses: { http, admin } };
  } catch (error) {
    await child.stop('SIGKILL');
    throw error;
  }
}
