import { request as httpRequest } from 'node:http';
import { createLogger } from '@headgate/shared/logger';
import { AdminServer, type AdminServerOptions } from './admin-server.ts';

const token = 'a-token-for-the-admin-listener';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly challenge: string | undefined;
}

describe('the admin listener', () => {
  const started: AdminServer[] = [];
  afterEach(() => Promise.all(started.splice(0).map((server) => server.close())));

  async function start(options: Partial<AdminServerOptions> = {}) {
    const server = new AdminServer({
      address: { host: '127.0.0.1', port: 0 },
      local: true,
      token: undefined,
      logger: createLogger('test', 'silent'),
      notReadyReason: () => undefined,
      status: () => ({ version: 7 }),
      metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'headgate_build_info 1\n' }),
      configuration: () => ['{"version":', '7}'],
      explain: (question) => ({ epoch: 'e', version: 7, host: question.url, backends: [] }),
      ...options,
    });
    started.push(server);
    const port = Number((await server.start()).split(':').at(-1));
    return (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', body = '') =>
      ask({ port, path, headers, method, body });
  }

  it('says that it lives, what it serves and what it counts, to everyone', async () => {
    const get = await start({ local: false, token });
    expect(await get('/livez')).toMatchObject({ status: 200 });
    expect(JSON.parse((await get('/readyz')).body)).toEqual({ status: 'ok', version: 7 });
    expect(await get('/metrics?x=1')).toMatchObject({ status: 200, body: 'headgate_build_info 1\n' });
  });

  it('says why it is not ready', async () => {
    const get = await start({ notReadyReason: () => 'stopping' });
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toEqual({ status: 'not_ready', reason: 'stopping', version: 7 });
  });

  it('shows the configuration to this machine', async () => {
    const get = await start();
    expect(await get('/config')).toMatchObject({ status: 200, body: '{"version":7}' });
    expect(await get('/config', { host: 'evil.example.com' })).toMatchObject({ status: 403 });
  });

  it('shows the configuration elsewhere only to those who hold the token', async () => {
    const get = await start({ local: false, token });
    expect(await get('/config')).toMatchObject({ status: 401, challenge: 'Bearer' });
    expect(await get('/config', { authorization: 'Bearer something else' })).toMatchObject({ status: 401 });
    expect(await get('/config', { authorization: `Bearer ${token}` })).toMatchObject({ status: 200 });
    const closed = await start({ local: false });
    expect(await closed('/config')).toMatchObject({ status: 403 });
  });

  describe('explaining a request', () => {
    const json = { 'content-type': 'application/json' };
    const question = JSON.stringify({ url: '/x', headers: { cookie: 'a=1' } });

    it('answers this machine', async () => {
      const get = await start();
      const answer = await get('/explain', json, 'POST', question);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ epoch: 'e', version: 7, host: '/x', backends: [] });
    });

    it('answers elsewhere only those who hold the token', async () => {
      const get = await start({ local: false, token });
      expect(await get('/explain', json, 'POST', question)).toMatchObject({ status: 401, challenge: 'Bearer' });
      const allowed = { ...json, authorization: `Bearer ${token}` };
      expect(await get('/explain', allowed, 'POST', question)).toMatchObject({ status: 200 });
    });

    it('names every fault of the question', async () => {
      const get = await start();
      const answer = await get('/explain', json, 'POST', '{"url":"","clientAddress":"me"}');
      expect(answer.status).toBe(422);
      expect(answer.body).toMatch(/\/url.*\/clientAddress/);
      expect(await get('/explain', json, 'POST', '{"url":')).toMatchObject({ status: 400 });
    });

    it('refuses other content, too much of it, and other methods', async () => {
      const get = await start();
      expect(await get('/explain', { 'content-type': 'text/plain' }, 'POST', question)).toMatchObject({ status: 415 });
      expect(await get('/explain', json, 'POST', ' '.repeat(200_000))).toMatchObject({ status: 413 });
      const chunked = { ...json, 'transfer-encoding': 'chunked' };
      expect(await get('/explain', chunked, 'POST', ' '.repeat(200_000))).toMatchObject({ status: 413 });
      expect(await get('/explain')).toMatchObject({ status: 405 });
    });
  });

  it.each(['/livez', '/metrics', '/config'])('refuses what another site makes a browser ask of %s', async (path) => {
    const get = await start();
    expect(await get(path, { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403 });
    expect(await get(path, { origin: 'http://evil.example.com' })).toMatchObject({ status: 403 });
  });

  it('knows no other paths, no other methods, and no strange targets', async () => {
    const get = await start();
    expect(await get('/')).toMatchObject({ status: 404 });
    expect(await get('//')).toMatchObject({ status: 404 });
    expect(await get('/livez', {}, 'POST')).toMatchObject({ status: 405 });
  });
});

function ask(options: {
  port: number;
  path: string;
  headers: Readonly<Record<string, string>>;
  method: string;
  body: string;
}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body: content, ...rest } = options;
    const sent = httpRequest({ host: '127.0.0.1', agent: false, ...rest }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, challenge: response.headers['www-authenticate'] }),
      );
    });
    sent.on('error', reject);
    sent.end(content);
  });
}
