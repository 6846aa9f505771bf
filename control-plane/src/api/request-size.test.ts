import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { adminToken, startApi, type ApiFixture } from './api-fixture.cases.ts';
import { head, talk } from './wire.cases.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
const json = 'Content-Type: application/json';

describe('the size of a request', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const blanks = (bytes: number): Buffer => Buffer.alloc(bytes, ' ');

  it('of 16 MiB of content is read', async () => {
    const body = Buffer.concat([Buffer.from('{"backends":[],"hosts":[]}'), blanks(16 * MEBIBYTE - 26)]);
    expect((await api.send('PUT', '/api/v1/config', { body })).status).toBe(200);
  });

  it('of one byte more is refused with 413', async () => {
    const got = await api.send('PUT', '/api/v1/config', { body: blanks(16 * MEBIBYTE + 1) });
    expect(got).toMatchObject({ status: 413, body: { code: 'HEADGATE_TOO_LARGE' } });
  });

  it('of 17 MiB in chunks is refused with 413, and the connection goes on', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const options = {
      ...api.address,
      agent,
      headers: { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' },
    };
    const large = httpRequest({ ...options, method: 'PUT', path: '/api/v1/config' });
    for (let sent = 0; sent < 17; sent++) large.write(blanks(MEBIBYTE));
    large.end();
    const [refusal] = (await once(large, 'response')) as [IncomingMessage];
    expect(refusal.statusCode).toBe(413);
    await once(refusal.resume(), 'end');
    const [port] = [large.socket?.localPort];
    const next = httpRequest({ ...options, path: '/livez' }).end();
    const [answer] = (await once(next, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    expect(answer.statusCode).toBe(200);
    expect(next.socket?.localPort).toBe(port);
    agent.destroy();
  });

  it('is refused without reading when the caller waits for 100 Continue', async () => {
    const text = await talk(
      api,
      head('PUT', '/api/v1/config', json, `Content-Length: ${17 * MEBIBYTE}`, 'Expect: 100-continue'),
    );
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toMatch(/\r\nConnection: close\r\n/);
  });

  it('is asked for when the caller waits for 100 Continue and may go on', async () => {
    const content = '{"backends":[],"hosts":[]}';
    const socket = connect(api.address);
    socket.write(head('PUT', '/api/v1/config', json, `Content-Length: ${content.length}`, 'Expect: 100-continue'));
    const [interim] = (await once(socket, 'data')) as [Buffer];
    expect(interim.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write(content);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it.each([
    [16, {}],
    [8, { headBytes: 8 * KIBIBYTE }],
  ])('of more than %i KiB of head is refused with 431', async (kibibytes, limits) => {
    const limited = await startApi({ limits });
    const text = await talk(limited, head('GET', '/livez', `X-Large: ${'x'.repeat(kibibytes * KIBIBYTE)}`));
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('"code":"HEADGATE_HEAD_TOO_LARGE"');
    await limited.close();
  });

  it('that never ends is cut', async () => {
    const small = await startApi({ limits: { contentBytes: 1_000, discardedBytes: 100_000 } });
    const socket: Socket = connect(small.address);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined).resume();
    socket.write(head('PUT', '/api/v1/config', json, 'Transfer-Encoding: chunked'));
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const more = (): void => {
      if (!socket.destroyed && socket.writable) socket.write(chunk, () => setImmediate(more));
    };
    more();
    await closed;
    await small.close();
  });
});
