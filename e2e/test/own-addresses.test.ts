import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlaneProcess } from '../src/harness/control-plane-process.ts';

describe('a control plane that is named as a server', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headgate-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('refuses each of its own listeners, wherever the system has put them, and takes their neighbours', async () => {
    const controlPlane = await ControlPlaneProcess.start({
      dataDir: join(directory, 'own'),
      env: { HEADGATE_STATUS_ADDRESS: '0.0.0.0:0' },
    });
    try {
      const status = await controlPlane.child.waitForLog((line) => line['listener'] === 'status');
      const addresses = [controlPlane.apiUrl, controlPlane.grpcAddress, String(status['address'])];
      for (const port of addresses.map((address) => Number(address.split(':').at(-1)))) {
        expect(await put(controlPlane, { address: '127.0.0.1', port })).toEqual([422, 'refused_address']);
        expect(await put(controlPlane, { address: '::ffff:7f00:1', port })).toEqual([422, 'refused_address']);
      }
      expect(await put(controlPlane, { address: '127.0.0.1', port: 1 })).toEqual([201, undefined]);
    } finally {
      await controlPlane.stop('SIGKILL');
    }
  });

  it('does not start with an initial configuration that leads to a refused address, and does where it is allowed', async () => {
    const path = join(directory, 'initial.json');
    const servers = [{ address: '169.254.169.254', port: 80 }];
    await writeFile(path, JSON.stringify({ backends: [{ name: 'web', servers }], hosts: [] }));
    const options = { dataDir: join(directory, 'initial'), env: { HEADGATE_INITIAL_CONFIG: path } };
    await expect(ControlPlaneProcess.start(options)).rejects.toThrow(/169\.254\.169\.254.*HEADGATE_ALLOWED_NETWORKS/s);
    const env = { ...options.env, HEADGATE_ALLOWED_NETWORKS: '10.0.0.0/8, 169.254.169.254' };
    const controlPlane = await ControlPlaneProcess.start({ ...options, env });
    try {
      expect((await controlPlane.api.request('GET', '/api/v1/backends/web')).status).toBe(200);
    } finally {
      await controlPlane.stop('SIGKILL');
    }
  });
});

async function put(
  { api }: ControlPlaneProcess,
  server: { readonly address: string; readonly port: number },
): Promise<readonly [number, string | undefined]> {
  const name = `b${server.port}`;
  const body = { name, servers: [server] };
  const answer = await api.request<{ errors?: readonly { code: string }[] }>('POST', '/api/v1/backends', body);
  return [answer.status, answer.body.errors?.[0]?.code];
}
