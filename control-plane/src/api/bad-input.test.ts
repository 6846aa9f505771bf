import { startApi, type ApiFixture } from './api-fixture.cases.ts';

describe('bad input', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await startApi();
    await api.send('PUT', '/api/v1/config', {
      body: { backends: [{ name: 'web' }], hosts: [{ host: '*', backend: 'web' }] },
    });
  });
  afterAll(() => api.close());

  async function refused(
    body: unknown,
    path = '/api/v1/config',
  ): Promise<{ status: number; code: string; errors: readonly unknown[] }> {
    const before = await api.send('GET', '/api/v1/config');
    const { status, headers, body: problem } = await api.send('PUT', path, { body });
    expect(headers['content-type']).toBe('application/problem+json');
    const after = await api.send('GET', '/api/v1/config');
    expect(after.body).toEqual(before.body);
    expect(after.headers.etag).toEqual(before.headers.etag);
    const { code, errors } = problem as { code: string; errors: readonly unknown[] };
    return { status, code, errors };
  }

  it.each([
    ['truncated JSON', '{"backends": [', 'bad_syntax'],
    ['no bytes', '', 'empty_document'],
    ['blanks alone', ' \n', 'empty_document'],
    ['two documents', '{} {}', 'bad_syntax'],
    ['a byte order mark', '\ufeff{"backends": [], "hosts": []}', 'bad_syntax'],
    ['YAML', 'backends: []\nhosts: []\n', 'bad_syntax'],
    ['a depth of 5,000', '['.repeat(5_000) + ']'.repeat(5_000), 'too_deep'],
    ['a key twice', '{"backends": [], "backends": [], "hosts": []}', 'duplicate_key'],
    ['__proto__ as a key', '{"__proto__": {"backends": []}, "backends": [], "hosts": []}', 'forbidden_key'],
    [
      '__proto__ as a key, inside',
      '{"backends": [{"name": "a", "__proto__": {"via": true}}], "hosts": []}',
      'forbidden_key',
    ],
  ])('that is %s cannot be read', async (_, body, fault) => {
    expect(await refused(body)).toMatchObject({
      status: 400,
      code: 'HEADGATE_BAD_SYNTAX',
      errors: [{ code: fault, fix: expect.stringMatching(/./) as string }],
    });
    expect(Object.hasOwn(Object.prototype, 'via')).toBe(false);
  });

  it('that is not UTF-8 cannot be read', async () => {
    const body = Buffer.from('{"backends": [{"name": "\xff"}], "hosts": []}', 'latin1');
    expect(await refused(body)).toMatchObject({ status: 400, code: 'HEADGATE_BAD_SYNTAX' });
  });

  it.each([
    ['null', null],
    ['an empty document', {}],
    ['no hosts', { backends: [] }],
    ['a list', []],
    ['a text', '"backends"'],
    ['both spellings', { backends: [{ name: 'a' }], hosts: [{ host: 'a.test', backend_name: 'a' }] }],
    ['an unknown field', { backends: [], hosts: [], host: [] }],
  ])('that is %s is no configuration', async (_, body) => {
    const got = await refused(body);
    expect(got).toMatchObject({ status: 422, code: 'HEADGATE_INVALID' });
    expect(got.errors).not.toEqual([]);
  });

  const server = { address: '10.0.0.1', port: 80 };
  const check = { type: 'http' };
  it.each([
    ['a control character in a name', { name: 'a\u0007' }, '/name'],
    ['a line feed after a name', { name: 'a\n' }, '/name'],
    ['a number as a name', { name: 5 }, '/name'],
    ['a hexadecimal address', { servers: [{ ...server, address: '0x7f.1' }] }, '/servers/0/address'],
    [
      'a name with a dot at the end as an address',
      { servers: [{ ...server, address: 'web.test.' }] },
      '/servers/0/address',
    ],
    ['port 0', { servers: [{ ...server, port: 0 }] }, '/servers/0/port'],
    ['port 70000', { servers: [{ ...server, port: 70_000 }] }, '/servers/0/port'],
    ['a text as a port', { servers: [{ ...server, port: '80' }] }, '/servers/0/port'],
    ['weight 0', { servers: [{ ...server, weight: 0 }] }, '/servers/0/weight'],
    ['weight 1e9', { servers: [{ ...server, weight: 1e9 }] }, '/servers/0/weight'],
    ['half a weight', { servers: [{ ...server, weight: 0.5 }] }, '/servers/0/weight'],
    ['a duration of -1s', { healthCheck: { ...check, interval: '-1s' } }, '/healthCheck/interval'],
    ['a duration of 1 fortnight', { healthCheck: { ...check, interval: '1 fortnight' } }, '/healthCheck/interval'],
    ['a number as a duration', { healthCheck: { ...check, interval: 1 } }, '/healthCheck/interval'],
    ['a server twice', { servers: [server, { ...server, weight: 2 }] }, '/servers/1'],
    ['a text as servers', { servers: 'all' }, '/servers'],
    ['a text as a list of faults', { servers: null }, '/servers'],
  ])('with %s is refused by backend and by configuration', async (_, part, pointer) => {
    const backend = { name: 'web', ...part };
    const single = await refused(backend, '/api/v1/backends/web');
    expect(single).toMatchObject({ status: 422, code: 'HEADGATE_INVALID', errors: [{ pointer }] });
    const whole = await refused({ backends: [backend], hosts: [] });
    expect(whole).toMatchObject({ status: 422, errors: [{ pointer: `/backends/0${pointer}` }] });
  });

  it.each([
    ['of a zone', '/api/v1/backends?limit=0', '/query/limit'],
    ['beyond the largest page', '/api/v1/backends?limit=1001', '/query/limit'],
    ['that is no number', '/api/v1/backends?limit=ten', '/query/limit'],
    ['that is given twice', '/api/v1/backends?limit=1&limit=2', '/query/limit'],
    ['that nobody knows', '/api/v1/backends?limti=1', '/query/limti'],
    ['where none is taken', '/api/v1/versions?limit=1', '/query/limit'],
    ['with a prototype in mind', '/api/v1/backends?__proto__=1', '/query/__proto__'],
    ['that is no name', '/api/v1/backends/-web', '/path/name'],
    ['that is too long a name', `/api/v1/backends/${'a'.repeat(64)}`, '/path/name'],
    ['that is no version', '/api/v1/versions/-1', '/path/version'],
    ['that waits for a negative time', '/api/v1/versions/1/convergence?wait=-1s', '/query/wait'],
    ['that waits for too long', '/api/v1/versions/1/convergence?wait=6m', '/query/wait'],
    ['that ignores something else', '/api/v1/versions/1/convergence?ignore=all', '/query/ignore'],
  ])('as a parameter %s is refused', async (_, path, pointer) => {
    const got = await api.send('GET', path);
    expect(got).toMatchObject({ status: 400, body: { code: 'HEADGATE_BAD_PARAMETER', errors: [{ pointer }] } });
    const { errors } = got.body as { errors: { detail: string; fix: string }[] };
    expect(errors).toHaveLength(1);
    expect(errors[0]!.detail).not.toBe('');
    expect(errors[0]!.fix).not.toBe('');
  });

  it('has all its faults listed, whichever parameter they are of', async () => {
    const got = await api.send('PUT', '/api/v1/backends/-a?message=%00&x=1', {
      body: {},
      headers: { 'If-Match': 'x' },
    });
    const { errors } = got.body as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/header/if-match',
      '/path/name',
      '/query/message',
      '/query/x',
    ]);
  });

  it('that is no path of the API is not found, and its method is named where it is', async () => {
    for (const path of [
      '/',
      '/api/v1',
      '/api/v1/backends/',
      '/API/v1/backends',
      '/api/v1/backends/a/b',
      '//api/v1/backends',
    ]) {
      expect(await api.send('GET', path)).toMatchObject({ status: 404, body: { code: 'HEADGATE_NOT_FOUND' } });
    }
    const got = await api.send('POST', '/api/v1/backends/web', { body: {} });
    expect(got).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, PUT, PATCH, DELETE' } });
    expect(await api.send('OPTIONS', '/api/v1/config')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, PUT' },
    });
  });
});
