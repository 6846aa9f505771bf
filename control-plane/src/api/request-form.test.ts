import { once } from 'node:events';
import { connect } from 'node:net';
import { ManualClock } from '@headgate/shared/manual-clock';
import { startApi, until, type ApiFixture } from './api-fixture.cases.ts';
import { head, talk } from './wire.cases.ts';

const json = 'Content-Type: application/json';

describe('the form of a request', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const document = { backends: [], hosts: [] };

  it.each([
    ['no content type', { 'Content-Type': '' }],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['a text, as a page can send it anywhere', { 'Content-Type': 'text/plain' }],
    ['another charset', { 'Content-Type': 'application/json; charset=utf-16' }],
    ['a patch where none is taken', { 'Content-Type': 'application/merge-patch+json' }],
    ['compressed content', { 'Content-Encoding': 'gzip' }],
  ])('%s is refused with 415', async (_, headers) => {
    const got = await api.send('PUT', '/api/v1/config', { body: document, headers });
    expect(got).toMatchObject({ status: 415, body: { code: 'HEADGATE_UNSUPPORTED_MEDIA_TYPE' } });
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', 'application/json; x=y'])(
    'with the content type %s is read',
    async (type) => {
      const got = await api.send('PUT', '/api/v1/config', { body: document, headers: { 'Content-Type': type } });
      expect(got.status).toBe(200);
    },
  );

  it.each([
    ['that is no HTTP', 'GARBAGE\r\n\r\n'],
    ['with both framings', head('PUT', '/api/v1/config', json, 'Content-Length: 3', 'Transfer-Encoding: chunked')],
    ['without Host', 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['with two Hosts', 'GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'],
  ])('%s is answered by 400', async (_, bytes) => {
    const text = await talk(api, bytes);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('Content-Type: application/problem+json');
    expect(text).toContain('"code":"HEADGATE_BAD_SYNTAX"');
  });

  it('with broken chunks is answered by 400', async () => {
    const text = await talk(api, head('PUT', '/api/v1/config', json, 'Transfer-Encoding: chunked') + 'zz\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('by HEAD is answered like GET, without content', async () => {
    const got = await api.send('GET', '/api/v1/config');
    const headOnly = await api.send('HEAD', '/api/v1/config');
    expect(headOnly).toMatchObject({ status: 200, body: '' });
    for (const name of ['etag', 'content-length', 'content-type'])
      expect(headOnly.headers[name]).toBe(got.headers[name]);
  });

  it('is answered without a word about the software, not to be stored or guessed at', async () => {
    for (const path of ['/livez', '/api/v1/config', '/nothing']) {
      const { headers } = await api.send('GET', path);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers.server).toBeUndefined();
    }
  });
});

describe('a slow request', () => {
  it('is answered by 408 when its content does not come', async () => {
    const clock = new ManualClock();
    const api = await startApi({ clock });
    const waiting = clock.pending;
    const socket = connect(api.address);
    socket.write(head('PUT', '/api/v1/config', json, 'Content-Length: 100') + '{"backends"');
    await until(() => clock.pending > waiting);
    clock.advance(60_000);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer.toString()).toMatch(/\r\nConnection: close\r\n/);
    await once(socket.resume(), 'close');
    expect(api.answers).toMatchObject([{ operation: 'putConfiguration', status: 408 }]);
    await api.close();
  });
});
