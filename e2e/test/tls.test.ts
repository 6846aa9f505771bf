import { once } from 'node:events';
import { join } from 'node:path';
import tls from 'node:tls';
import { testPem, TlsDirectory } from '@headgate/shared/tls/testdata/tls-directory';
import { ChildProcess } from '../src/harness/child-process.ts';
import { DataPlaneProcess } from '../src/harness/data-plane-process.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { planePaths } from '../src/harness/plane-paths.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const HOST = 'app.example.com';
const CHANGED = 'TLS files have changed and are in use';
const REFUSED = 'TLS files have changed and cannot be used; the old ones stay';

describe('both planes over TLS with certificates of data planes', () => {
  const believed = tls.getCACertificates('default');
  let above: TlsDirectory;
  let below: TlsDirectory;
  let system: System;
  beforeAll(async () => {
    // The harness calls the API by fetch.
    tls.setDefaultCACertificates([testPem('servers-ca.crt').toString()]);
    above = await TlsDirectory.create();
    below = await TlsDirectory.create();
    await above.putPair('first');
    await above.put('ca.crt', Buffer.concat([testPem('clients-one-ca.crt'), testPem('clients-two-ca.crt')]));
    await below.putPair('client-one');
    await below.put('ca.crt', testPem('servers-ca.crt'));
    system = await System.start({ dataPlanes: 2, controlPlaneEnv: aboveEnv(above), dataPlaneEnv: belowEnv(below) });
  });
  afterAll(async () => {
    await system.close();
    await above.remove();
    await below.remove();
    tls.setDefaultCACertificates(believed);
  });

  /** The name in the certificate that new connections to a port are shown. */
  async function shown(address: string): Promise<string> {
    const port = Number(address.split(':').at(-1));
    const pair = { cert: testPem('client-one.crt'), key: testPem('client-one.key') };
    const socket = tls.connect({ host: '127.0.0.1', port, ALPNProtocols: ['h2', 'http/1.1'], ...pair });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  }

  async function logged(child: ChildProcess, msg: string, times: number): Promise<void> {
    await waitUntil(`"${msg}" is logged`, () => child.output.split(msg).length > times);
  }

  async function change(weight: number): Promise<void> {
    const [{ port }] = system.servers as unknown as [{ port: number }];
    const server = { address: '127.0.0.1', port, weight };
    const { version } = await system.api.write('PUT', `/api/v1/backends/web/servers/127.0.0.1:${port}`, server);
    // Who is away for a moment, after a restart, does not hold convergence up.
    await waitUntil(`all data planes serve version ${version}`, async () => {
      const dumps = await Promise.all(system.dataPlanes.map((plane) => plane.dump()));
      return dumps.every((dump) => dump['version'] === version);
    });
    await system.api.converge(version);
  }

  it('change certificates while traffic goes on, and follow changes afterwards', async () => {
    const servers = system.servers.map(({ port }) => ({ address: '127.0.0.1', port }));
    const backends = [{ name: 'web', servers }];
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends,
      hosts: [{ host: HOST, backend: 'web' }],
    });
    await system.api.converge(version);
    const traffic = new Traffic(system.dataPlane.port);
    const { controlPlane, dataPlanes } = system;

    await above.putPair('second');
    await below.putPair('client-two');
    await logged(controlPlane.child, CHANGED, 2);
    for (const { child } of dataPlanes) await logged(child, CHANGED, 1);
    expect(await shown(controlPlane.apiUrl)).toBe('second');
    expect(await shown(controlPlane.grpcAddress)).toBe('second');
    await change(2);

    // Streams that began before the change still stand; from here on they need the new certificates.
    await above.put('ca.crt', testPem('clients-two-ca.crt'));
    await logged(controlPlane.child, CHANGED, 3);
    await controlPlane.stop();
    await controlPlane.start();
    await change(3);

    await above.put('tls.key', 'not a key');
    await logged(controlPlane.child, REFUSED, 2);
    await dataPlanes[1]!.stop();
    await dataPlanes[1]!.start();
    await change(4);
    expect(await shown(controlPlane.apiUrl)).toBe('second');
    const metrics = await (await fetch(`${controlPlane.apiUrl}/metrics`)).text();
    expect(metrics).toContain('headgate_tls_reload_failures_total{listener="grpc"} 1\n');
    expect(metrics).toContain(
      `headgate_tls_certificate_not_after_seconds{listener="api"} ${Date.UTC(2126, 0, 1) / 1_000}`,
    );
    expect(await dataPlanes[0]!.metrics()).toContain(
      'headgate_tls_certificate_not_after_seconds{listener="control-plane"}',
    );
    await above.putPair('second');

    const { answers, failures, connections } = await traffic.stop();
    expect(failures).toEqual([]);
    expect(answers).toBeGreaterThan(100);
    expect(connections).toBe(1);
    const secrets = ['second', 'client-two'].map((name) => testPem(`${name}.key`).toString().split('\n')[1]!);
    for (const { child } of [controlPlane, ...dataPlanes])
      for (const secret of secrets) expect(child.output).not.toContain(secret);
  }, 120_000);

  it('ask callers of the API for a token all the same', async () => {
    expect((await fetch(`${system.controlPlane.apiUrl}/api/v1/config`)).status).toBe(401);
  });

  it('let in no data plane without a certificate, whatever its token, and say so on both sides', async () => {
    const env = { HEADGATE_CONTROL_PLANE_TLS: 'true', NODE_EXTRA_CA_CERTS: join(below.path, 'ca.crt') };
    const stranger = await joinAs('stranger', env);
    const line = await stranger.child.waitForLog(({ reason }) => String(reason).startsWith('UNAVAILABLE'));
    expect(line['reason']).toContain('HEADGATE_CONTROL_PLANE_CERT');
    await system.controlPlane.child.waitForLog(({ reason }) => reason === 'the client showed no certificate');
    expect((await system.api.request('GET', '/api/v1/data-planes/stranger')).status).toBe(404);
    await stranger.stop('SIGKILL');
  });

  it('believe the authorities of the machine when they name none', async () => {
    const pair = {
      HEADGATE_CONTROL_PLANE_CERT: join(below.path, 'tls.crt'),
      HEADGATE_CONTROL_PLANE_KEY: join(below.path, 'tls.key'),
    };
    const env = { HEADGATE_CONTROL_PLANE_TLS: 'true', NODE_EXTRA_CA_CERTS: join(below.path, 'ca.crt'), ...pair };
    const guest = await joinAs('guest', env);
    await guest.child.waitForLog(({ msg }) => msg === 'connected to a control plane');
    await guest.stop('SIGKILL');
  });

  async function joinAs(id: string, env: Readonly<Record<string, string>>): Promise<DataPlaneProcess> {
    return DataPlaneProcess.start({
      id,
      stateDir: join(system.directory, id),
      controlPlane: system.controlPlane.grpcAddress,
      joinToken: await system.controlPlane.joinToken(),
      env,
    });
  }

  it.each([
    [
      'controlPlane',
      () => ({ ...aboveEnv(above), HEADGATE_GRPC_TLS_KEY: join(below.path, 'tls.key') }),
      'HEADGATE_GRPC_TLS_KEY',
    ],
    ['controlPlane', () => ({ HEADGATE_API_TLS_CERT: '/no/such/file' }), 'HEADGATE_API_TLS_KEY'],
    ['dataPlane', () => ({ HEADGATE_CONTROL_PLANE_CA: '/no/such/file' }), 'HEADGATE_CONTROL_PLANE_CA'],
    ['dataPlane', () => ({ HEADGATE_CONTROL_PLANE: '10.255.255.1:9002' }), 'HEADGATE_INSECURE'],
  ] as const)('end a %s at the start when files or settings cannot be used', async (plane, env, named) => {
    const child = ChildProcess.start({
      script: planePaths[plane],
      env: {
        HEADGATE_DATA_DIR: join(system.directory, 'other'),
        HEADGATE_STATE_DIR: join(system.directory, 'other'),
        ...env(),
      },
    });
    await child.closed;
    expect(child.exitCode).toBe(2);
    expect(child.output).toContain(named);
  });
});

function aboveEnv({ path }: TlsDirectory): Record<string, string> {
  const [cert, key] = [join(path, 'tls.crt'), join(path, 'tls.key')];
  return {
    ...{ HEADGATE_API_TLS_CERT: cert, HEADGATE_API_TLS_KEY: key },
    ...{ HEADGATE_GRPC_TLS_CERT: cert, HEADGATE_GRPC_TLS_KEY: key, HEADGATE_GRPC_CLIENT_CA: join(path, 'ca.crt') },
  };
}

function belowEnv({ path }: TlsDirectory): Record<string, string> {
  return {
    HEADGATE_CONTROL_PLANE_CA: join(path, 'ca.crt'),
    HEADGATE_CONTROL_PLANE_CERT: join(path, 'tls.crt'),
    HEADGATE_CONTROL_PLANE_KEY: join(path, 'tls.key'),
  };
}

/** Requests to a data plane, one after the other on one connection, until it is told to stop. */
class Traffic {
  readonly #client: KeepAliveClient;
  readonly #failures: string[] = [];
  readonly #running: Promise<void>;
  #answers = 0;
  #stopped = false;

  constructor(port: number) {
    this.#client = new KeepAliveClient(port);
    this.#running = this.#run();
  }

  async stop() {
    this.#stopped = true;
    await this.#running;
    this.#client.close();
    return { answers: this.#answers, failures: this.#failures, connections: this.#client.connections };
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const { status } = await this.#client.get(HOST, '/');
        this.#answers++;
        if (status !== 200) this.#failures.push(String(status));
      } catch (error) {
        this.#failures.push(String(error));
      }
    }
  }
}
