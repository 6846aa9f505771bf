import { connect } from 'node:net';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

describe('SIGTERM of a data plane', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start({ dataPlaneEnv: { HEADGATE_SHUTDOWN_DELAY: '1s', HEADGATE_SHUTDOWN_TIMEOUT: '10s' } });
    const servers = system.servers.map(({ port }) => ({ address: '127.0.0.1', port }));
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [{ name: 'web', servers }],
      hosts: [{ host: 'app.example.com', backend: 'web' }],
    });
    await system.api.converge(version);
  });
  afterAll(() => system.close());

  it('is not ready at once, goes on answering with Connection: close, then ends by itself', async () => {
    const client = new KeepAliveClient(system.dataPlane.port);
    expect((await client.get('app.example.com')).headers['connection']).not.toBe('close');
    expect(await system.dataPlane.isReady()).toBe(true);
    system.dataPlane.child.signal('SIGTERM');
    await waitUntil('it says that it is not ready', async () => !(await system.dataPlane.isReady()));
    const answer = await client.get('app.example.com');
    expect(answer.status).toBe(200);
    expect(answer.headers['connection']).toBe('close');
    await system.dataPlane.child.closed;
    expect(system.dataPlane.child.exitCode).toBe(0);
    await expect(connects(system.dataPlane.port)).resolves.toBe(false);
    client.close();
  });
});

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
