import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { ManualClock } from '@headgate/shared/manual-clock';
import { startApi, until, type ApiFixture } from '../api-fixture.cases.ts';

interface NewToken {
  readonly token: string;
}

async function tokenOf(api: ApiFixture, body: object): Promise<string> {
  const got = await api.send('POST', '/api/v1/tokens', { body });
  expect(got.status).toBe(201);
  return (got.body as NewToken).token;
}

describe('tokens', () => {
  let api: ApiFixture;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    api = await startApi({ clock });
  });
  afterEach(() => api.close());

  it('are shown once, when they are made', async () => {
    const body = { name: 'ci', scopes: ['read', 'write:backends/web'], expiresIn: '1h' };
    const got = await api.send('POST', '/api/v1/tokens', { body });
    const shown = {
      name: 'ci',
      scopes: ['read', 'write:backends/web'],
      createdAt: new Date(clock.now()).toISOString(),
      createdBy: 'admin',
      expiresAt: new Date(clock.now() + 3_600_000).toISOString(),
      expired: false,
    };
    expect(got).toMatchObject({ status: 201, headers: { location: '/api/v1/tokens/ci', 'cache-control': 'no-store' } });
    expect(got.body).toEqual({ ...shown, token: expect.stringMatching(/^hg_[\w-]{43}$/) as string });
    expect((await api.send('GET', '/api/v1/tokens/ci')).body).toEqual(shown);
    expect((await api.send('GET', '/api/v1/tokens')).body).toEqual({ items: [shown] });
    expect((await api.send('GET', '/api/v1/tokens/cd')).status).toBe(404);
  });

  it('do what their scopes say, under their own name', async () => {
    const token = await tokenOf(api, { name: 'ci', scopes: ['write'] });
    const put = await api.send('PUT', '/api/v1/backends/web?message=by+ci', { token, body: {} });
    expect(put.status).toBe(201);
    const [commit] = (await api.store.commitsSince(1))!;
    expect(commit).toMatchObject({ author: 'ci', message: 'by ci' });
    clock.advance(60_000);
    await api.send('GET', '/api/v1/backends/web', { token });
    expect((await api.send('GET', '/api/v1/tokens/ci')).body).toMatchObject({
      lastUsedAt: expect.any(String) as string,
    });
  });

  it('do nothing once they are revoked or expired', async () => {
    const revoked = await tokenOf(api, { name: 'a', scopes: ['read'] });
    const expiring = await tokenOf(api, {
      name: 'b',
      scopes: ['read'],
      expiresAt: new Date(clock.now() + 5_000).toISOString(),
    });
    for (const token of [revoked, expiring])
      expect((await api.send('GET', '/api/v1/hosts', { token })).status).toBe(200);
    expect((await api.send('DELETE', '/api/v1/tokens/a')).body).toEqual({ revoked: 'a' });
    clock.advance(5_000);
    for (const token of [revoked, expiring])
      expect((await api.send('GET', '/api/v1/hosts', { token })).status).toBe(401);
    expect((await api.send('GET', '/api/v1/tokens')).body).toMatchObject({ items: [{ name: 'b', expired: true }] });
    expect((await api.send('DELETE', '/api/v1/tokens/a')).status).toBe(404);
  });

  it('end the wait that is under way when they are revoked or expire', async () => {
    for (const [name, end] of [
      ['revoked', (): Promise<unknown> => api.send('DELETE', '/api/v1/tokens/revoked')],
      ['expired', (): Promise<unknown> => Promise.resolve(clock.advance(10_500))],
    ] as const) {
      const token = await tokenOf(api, { name, scopes: ['read'], expiresIn: '10s' });
      const waiting = clock.pending;
      const wait = api.send('GET', '/api/v1/versions/newest/convergence?wait=5m', { token });
      await until(() => clock.pending > waiting);
      await end();
      expect(await wait).toMatchObject({ status: 401, body: { code: 'HEADGATE_UNAUTHENTICATED' } });
    }
  });

  it('end the stream of events that is open when they are revoked', async () => {
    const token = await tokenOf(api, { name: 'listener', scopes: ['read'] });
    const options = { ...api.address, path: '/api/v1/events', agent: false };
    const [response] = (await once(
      httpRequest({ ...options, headers: { Authorization: `Bearer ${token}` } }).end(),
      'response',
    )) as [IncomingMessage];
    const ended = once(response.resume(), 'close');
    expect(response.statusCode).toBe(200);
    await api.send('DELETE', '/api/v1/tokens/listener');
    await ended;
  });

  it('change nothing by content that comes after they were revoked', async () => {
    const token = await tokenOf(api, { name: 'slow', scopes: ['write'] });
    const timers = clock.pending;
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const put = httpRequest({ ...api.address, method: 'PUT', path: '/api/v1/backends/web', headers, agent: false });
    put.write('{');
    await until(() => clock.pending > timers);
    await api.send('DELETE', '/api/v1/tokens/slow');
    put.end('}');
    const [response] = (await once(put, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(401);
    expect((await api.send('GET', '/api/v1/backends/web')).status).toBe(404);
  });

  it.each([
    ['no name', { scopes: ['read'] }, '/name'],
    ['no scope', { name: 'x', scopes: [] }, '/scopes'],
    ['an unknown scope', { name: 'x', scopes: ['read', 'root'] }, '/scopes/1'],
    ['a scope twice', { name: 'x', scopes: ['read', 'read'] }, '/scopes/1'],
    ['a name that stands for something else', { name: 'admin', scopes: ['read'] }, '/name'],
    ['a time that is over', { name: 'x', scopes: ['read'], expiresAt: '2001-01-01T00:00:00Z' }, '/expiresAt'],
    ['no time', { name: 'x', scopes: ['read'], expiresAt: 'tomorrow' }, '/expiresAt'],
    ['both ends', { name: 'x', scopes: ['read'], expiresIn: '1h', expiresAt: '2100-01-01T00:00:00Z' }, '/expiresAt'],
    ['too long a time', { name: 'x', scopes: ['read'], expiresIn: '99999h' }, '/expiresIn'],
    ['a text of its own', { name: 'x', scopes: ['read'], token: 'hg_mine' }, '/token'],
  ])('are not made with %s', async (_, body, pointer) => {
    const got = await api.send('POST', '/api/v1/tokens', { body });
    expect(got).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
    expect((await api.send('GET', '/api/v1/tokens')).body).toEqual({ items: [] });
  });

  it('have each name once', async () => {
    await tokenOf(api, { name: 'ci', scopes: ['read'] });
    const got = await api.send('POST', '/api/v1/tokens', { body: { name: 'ci', scopes: ['admin'] } });
    expect(got).toMatchObject({ status: 409, body: { code: 'HEADGATE_ALREADY_EXISTS' } });
  });

  it('appear nowhere but in the answer that made them: not in files, answers or the audit log', async () => {
    const token = await tokenOf(api, { name: 'ci', scopes: ['write', 'admin'] });
    const rotated = await api.send('POST', '/api/v1/join-token/rotate', { body: {} });
    const canaries = [token, (rotated.body as NewToken).token];
    await api.send('PUT', '/api/v1/backends/web', { token, body: {} });
    await api.send('PUT', '/api/v1/backends/web', { token: `${token}x`, body: {} });
    const answers = ['tokens', 'tokens/ci', 'join-token', 'audit', 'config', 'backends'].map((path) =>
      api.send('GET', `/api/v1/${path}`, { token }),
    );
    answers.push(api.send('GET', '/metrics'), api.send('POST', '/api/v1/tokens', { token, body: { name: token } }));
    const shown = JSON.stringify([await Promise.all(answers), api.answers]).replace(`"name":"${token}"`, '');
    for (const canary of canaries) expect(shown).not.toContain(canary.slice(3));
    const directory = dirname(api.store.path);
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const content = readFileSync(join(file.parentPath, file.name));
      for (const canary of canaries)
        expect([file.name, content.includes(canary.slice(3))]).toEqual([
          file.name,
          file.name === 'join-token' && canary === canaries[1],
        ]);
    }
  });
});

describe('the join token', () => {
  it('is rotated, and never shown but then', async () => {
    const api = await startApi();
    const rotated = await api.send('POST', '/api/v1/join-token/rotate', { body: { overlap: '1h' } });
    expect(rotated).toMatchObject({ status: 200, body: { source: 'file', former: [{}] } });
    const { token } = rotated.body as NewToken;
    expect(api.access.joinTokens.authenticate(token)).toBeDefined();
    const shown = await api.send('GET', '/api/v1/join-token');
    expect(Object.keys(shown.body as object).sort()).toEqual(['createdAt', 'former', 'source']);
    expect((await api.send('POST', '/api/v1/join-token/rotate', { body: { overlap: '9999h' } })).status).toBe(422);
    await api.close();
  });
});
