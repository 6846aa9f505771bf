import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiClient } from './api-client.ts';
import { ChildProcess } from './child-process.ts';
import { planePaths } from './plane-paths.ts';

export interface ControlPlaneOptions {
  readonly dataDir: string;
  /** Further settings; addresses default to free ports on loopback. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A control plane as a process. Restarts keep its data directory and its ports. */
export class ControlPlaneProcess {
  readonly #options: ControlPlaneOptions;
  #child: ChildProcess;
  #addresses: { readonly api: string; readonly grpc: string };
  #api: ApiClient;

  private constructor(options: ControlPlaneOptions, started: Started) {
    this.#options = options;
    this.#child = started.child;
    this.#addresses = started.addresses;
    this.#api = started.api;
  }

  static async start(options: ControlPlaneOptions): Promise<ControlPlaneProcess> {
    return new ControlPlaneProcess(options, await launch(options, { api: '127.0.0.1:0', grpc: '127.0.0.1:0' }));
  }

  get api(): ApiClient {
    return this.#api;
  }

  get apiUrl(): string {
    return apiUrlOf(this.#options, this.#addresses.api);
  }

  get grpcAddress(): string {
    return this.#addresses.grpc;
  }

  get child(): ChildProcess {
    return this.#child;
  }

  joinToken(): Promise<string> {
    return readToken(this.#options.dataDir, 'join-token');
  }

  adminToken(): Promise<string> {
    return readToken(this.#options.dataDir, 'admin-token');
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#child.stop(signal);
  }

  /** Starts it again after `stop`. */
  async start(): Promise<void> {
    const started = await launch(this.#options, this.#addresses);
    this.#child = started.child;
    this.#addresses = started.addresses;
    this.#api = started.api;
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly addresses: { readonly api: string; readonly grpc: string };
  readonly api: ApiClient;
}

async function launch(
  options: ControlPlaneOptions,
  at: { readonly api: string; readonly grpc: string },
): Promise<Started> {
  const child = ChildProcess.start({
    script: planePaths.controlPlane,
    env: {
      HEADGATE_DATA_DIR: options.dataDir,
      HEADGATE_API_ADDRESS: at.api,
      HEADGATE_GRPC_ADDRESS: at.grpc,
      HEADGATE_LOG_LEVEL: 'info',
      ...options.env,
    },
  });
  try {
    const [grpc, api] = await Promise.all([listening(child, 'grpc'), listening(child, 'api')]);
    return {
      child,
      addresses: { api, grpc },
      api: new ApiClient(apiUrlOf(options, api), await readToken(options.dataDir, 'admin-token')),
    };
  } catch (error) {
    await child.stop('SIGKILL');
    throw error;
  }
}

function apiUrlOf({ env = {} }: ControlPlaneOptions, address: string): string {
  return `${env['HEADGATE_API_TLS_CERT'] === undefined ? 'http' : 'https'}://${address}`;
}

/** The address that a plane's log names for one of its listeners. */
export async function listening(child: ChildProcess, listener: string): Promise<string> {
  const line = await child.waitForLog((entry) => entry.msg === 'listening' && entry['listener'] === listener);
  return String(line['address']);
}

async function readToken(dataDir: string, file: string): Promise<string> {
  return (await readFile(join(dataDir, file), 'utf8')).trim();
}
