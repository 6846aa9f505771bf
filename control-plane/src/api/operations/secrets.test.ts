import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { secretsKey } from '../../secrets/secrets-key.ts';
import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

const canary = 'canary-5b1e99d0-value';
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string;

describe('secrets by API', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi({ secretsKey: secretsKey(randomBytes(32)) });
  });
  afterEach(() => api.close());

  // The session keys of the first start are the first write of secrets.
  const [first, second] = ['"2"', '"3"'];

  function put(name: string, body: unknown = { value: canary }, headers: Record<string, string> = {}) {
    return api.send('PUT', `/api/v1/secrets/${name}`, { body, headers });
  }

  it('are created, replaced, shown without their values, and removed', async () => {
    const item = { name: 'tls-key', created: time, updated: time, size: canary.length };
    const created = await put('tls-key');
    expect(created).toMatchObject({ status: 201, headers: { location: '/api/v1/secrets/tls-key', etag: first } });
    expect(created.body).toEqual({ changed: true, item });
    expect((await api.send('GET', '/api/v1/secrets/tls-key')).body).toEqual(item);
    expect(await put('tls-key', { valueBase64: '/wA=' })).toMatchObject({ status: 200, headers: { etag: second } });
    expect((await api.rooms.secrets.read('tls-key'))?.toString('hex')).toBe('ff00');
    expect(await api.send('DELETE', '/api/v1/secrets/tls-key')).toMatchObject({ status: 200 });
    expect(await api.send('GET', '/api/v1/secrets/tls-key')).toMatchObject({ status: 404 });
    expect(await api.send('DELETE', '/api/v1/secrets/tls-key')).toMatchObject({ status: 404 });
  });

  it('are listed by name, page by page', async () => {
    for (const name of ['c', 'a', 'b']) await put(name);
    const page = await api.send('GET', '/api/v1/secrets?limit=2');
    expect(page.body).toMatchObject({ items: [{ name: 'a' }, { name: 'b' }], next: 'b' });
    expect((await api.send('GET', '/api/v1/secrets?after=b')).body).toMatchObject({ items: [{ name: 'c' }] });
  });

  it('honour If-Match, If-None-Match and 304', async () => {
    await put('a');
    expect(await put('a', undefined, { 'If-None-Match': '*' })).toMatchObject({ status: 412 });
    expect(await put('a', undefined, { 'If-Match': '"7"' })).toMatchObject({ status: 412 });
    expect(await put('a', undefined, { 'If-Match': first })).toMatchObject({ status: 200 });
    const deleted = await api.send('DELETE', '/api/v1/secrets/a', { headers: { 'If-Match': first } });
    expect(deleted).toMatchObject({ status: 412 });
    const held = await api.send('GET', '/api/v1/secrets/a', { headers: { 'If-None-Match': second } });
    expect(held).toMatchObject({ status: 304 });
  });

  it('tell nobody whether a value is the same', async () => {
    await put('a');
    const [same, other] = [await put('a'), await put('a', { value: canary.toUpperCase() })];
    expect([same.status, (same.body as { changed: unknown }).changed]).toEqual([200, true]);
    expect(Object.keys(same.body as object)).toEqual(Object.keys(other.body as object));
  });

  it('make no revision, and a rollback or a new configuration leaves them alone', async () => {
    await put('a');
    await api.send('PUT', '/api/v1/config', { body: { backends: [], hosts: [] } });
    expect((await api.rooms.secrets.read('a'))?.toString()).toBe(canary);
    expect(api.rooms.intent.state.value.revision).toBe(0);
  });

  it.each<[number, unknown]>([
    [422, { value: 7, note: canary }],
    [422, { value: '', [canary]: 1 }],
    [422, [canary]],
    [422, `"${canary}"`],
    [422, { valueBase64: `${canary}!` }],
    [422, { value: canary.repeat(4_000) }],
    [422, { value: `${canary}\ud800` }],
    [400, `{"value": "${canary}" ${canary}`],
    [400, `{"value": "${canary}", "value": "${canary}"}`],
    [400, `${canary}`],
  ])('are refused with %d, without showing anything of the content', async (status, body) => {
    const got = await put('a', body);
    expect(got.status).toBe(status);
    expect(JSON.stringify(got)).not.toContain('canary');
    expect(api.rooms.secrets.records.value.size).toBe(0);
  });

  it('are found in no answer, no metric, no audit entry and no file', async () => {
    await put('a');
    await put('b', { valueBase64: Buffer.from(canary).toString('base64') });
    await put('a', { value: `${canary}-2` });
    await api.send('DELETE', '/api/v1/secrets/b');
    await api.send('PUT', '/api/v1/backends/web?message=second', { body: {} });
    expect(await api.send('POST', '/api/v1/backups')).toMatchObject({ status: 201, body: { secretsLeftOut: [] } });
    const paths = [
      'secrets',
      'secrets/a',
      'config',
      'revisions',
      'backups',
      'audit',
      'tokens',
      'versions',
      'openapi.json',
    ];
    const answers = [await api.send('GET', '/metrics')];
    for (const path of paths) answers.push(await api.send('GET', `/api/v1/${path}`));
    expect(JSON.stringify(answers)).not.toContain(canary);
    expect(JSON.stringify(api.answers)).not.toContain(canary);
    const spellings = [
      canary,
      Buffer.from(canary).toString('base64').slice(0, 24),
      Buffer.from(canary).toString('hex'),
    ];
    for (const file of filesOf(api.dataDir)) {
      const content = readFileSync(file);
      for (const spelling of spellings) expect([file, content.includes(spelling)]).toEqual([file, false]);
    }
  });
});

describe('backups by API', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
  });
  afterEach(() => api.close());

  it('are made and listed', async () => {
    await api.send('PUT', '/api/v1/backends/web', { body: {} });
    const made = await api.send('POST', '/api/v1/backups');
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ revision: 1, verified: true, created: time, secretsLeftOut: [] });
    const { secretsLeftOut: _, ...item } = made.body as Record<string, unknown>;
    expect((await api.send('GET', '/api/v1/backups')).body).toEqual({ items: [item] });
    expect(statSync(join(api.dataDir, 'backups', String(item['name']))).size).toBe(item['size']);
    const audit = await api.send('GET', '/api/v1/audit?operation=createBackup');
    expect(audit.body).toMatchObject({ items: [{ operation: 'createBackup', actor: 'admin' }] });
  });

  it('leave out secrets that are not encrypted, and say which', async () => {
    await api.send('PUT', '/api/v1/secrets/a', { body: { value: canary } });
    const made = await api.send('POST', '/api/v1/backups');
    expect(made.body).toMatchObject({ secretsLeftOut: ['a'] });
    for (const file of filesOf(join(api.dataDir, 'backups'))) {
      const content = readFileSync(file);
      expect(content.includes(Buffer.from(canary).toString('base64').slice(0, 24))).toBe(false);
    }
  });
});

function filesOf(directory: string): readonly string[] {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
