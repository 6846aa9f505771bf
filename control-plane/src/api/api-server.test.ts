import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { adminToken, startApi, until } from './api-fixture.cases.ts';
import { ApiServer } from './api-server.ts';
import { statusOperations } from './operations.ts';
import { authenticateNobody } from './security/bearer-token.ts';
import { head } from './wire.cases.ts';

const json = 'Content-Type: application/json';

describe('the server', () => {
  it('says which setting names an address that is in use', async () => {
    const api = await startApi();
    const second = new ApiServer({
      address: api.address,
      setting: 'HEADGATE_API_ADDRESS',
      operations: [],
      authenticate: authenticateNobody,
      loopbackOnly: false,
      clock: api.rooms.clock,
      logger: createLogger('test', 'silent'),
      observe: () => undefined,
    });
    await expect(second.start()).rejects.toThrow(
      `HEADGATE_API_ADDRESS: 127.0.0.1:${api.address.port} is in use by another process`,
    );
    await second.close();
    await api.close();
  });

  it('ends waits and lets idle connections go when it closes', async () => {
    const api = await startApi({ clock: new ManualClock() });
    const agent = new Agent({ keepAlive: true });
    const options = { ...api.address, agent, headers: { Authorization: `Bearer ${adminToken}` } };
    const idle = httpRequest({ ...options, path: '/livez' }).end();
    const [first] = (await once(idle, 'response')) as [IncomingMessage];
    await once(first.resume(), 'end');
    const pending = (api.rooms.clock as ManualClock).pending;
    const wait = httpRequest({ ...options, path: '/api/v1/versions/newest/convergence?wait=5m' }).end();
    await until(() => (api.rooms.clock as ManualClock).pending > pending);
    const answered = once(wait, 'response') as Promise<[IncomingMessage]>;
    const closed = api.server.close();
    const [answer] = await answered;
    expect(answer.statusCode).toBe(200);
    expect(answer.headers.connection).toBe('close');
    answer.resume();
    await closed;
    await expect(once(connect(api.address), 'connect')).rejects.toThrow('ECONNREFUSED');
    agent.destroy();
    await api.close();
  });

  it('cuts what does not finish in time when it closes', async () => {
    const clock = new ManualClock();
    const api = await startApi({ clock, limits: { contentTimeoutMs: 3_600_000 } });
    const socket = connect(api.address);
    socket.on('error', () => undefined);
    const waiting = clock.pending;
    socket.write(head('PUT', '/api/v1/config', json, 'Content-Length: 100'));
    await until(() => clock.pending > waiting);
    const cut = new Promise((resolve) => socket.resume().on('close', resolve));
    const closed = api.server.close();
    clock.advance(10_000);
    await Promise.all([cut, closed]);
    await api.close();
  });

  it('ends the wait of a caller who has left, and counts it', async () => {
    const clock = new ManualClock();
    const api = await startApi({ clock });
    const pending = clock.pending;
    const path = '/api/v1/versions/newest/convergence?wait=5m';
    const wait = httpRequest({ ...api.address, path, headers: { Authorization: `Bearer ${adminToken}` } });
    wait.on('error', () => undefined).end();
    await until(() => clock.pending > pending);
    wait.destroy();
    await until(() => clock.pending === pending);
    await until(() => api.answers.length > 0);
    expect(api.answers).toMatchObject([{ operation: 'getConvergence', method: 'GET', status: 499 }]);
    await api.close();
  });

  it('serves probes and metrics alone on the status listener', async () => {
    const api = await startApi();
    const status = await startApi({ operations: statusOperations(api.rooms), authenticate: authenticateNobody });
    for (const path of ['/livez', '/readyz', '/metrics'])
      expect((await status.send('GET', path, { token: undefined })).status).toBe(200);
    expect((await status.send('GET', '/api/v1/config')).status).toBe(404);
    await status.close();
    await api.close();
  });
});
