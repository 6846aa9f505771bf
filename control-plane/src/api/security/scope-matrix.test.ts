import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

interface Described {
  readonly operationId: string;
  readonly security: readonly unknown[];
  readonly 'x-headgate-scopes'?: readonly string[];
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

/** Scopes of a token, and which of the scopes that OpenAPI names they reach, with `{name}` as `web`. */
const tokens: Readonly<Record<string, { readonly scopes: readonly string[]; readonly reaches: readonly string[] }>> = {
  server: { scopes: ['register:backends/web'], reaches: ['register:backends/web'] },
  stranger: { scopes: ['register:backends/other'], reaches: [] },
  read: { scopes: ['read'], reaches: ['read'] },
  own: { scopes: ['write:backends/web'], reaches: ['write:backends/web'] },
  other: { scopes: ['write:backends/other'], reaches: [] },
  both: { scopes: ['read', 'write:backends/web'], reaches: ['read', 'write:backends/web'] },
  write: { scopes: ['write'], reaches: ['read', 'write', 'write:backends/web', 'register:backends/web'] },
  root: { scopes: ['admin'], reaches: ['read', 'write', 'write:backends/web', 'register:backends/web', 'admin'] },
};

/** Operations that a token for one backend may use: its own and nothing else. */
const ofBackend = [
  ...['getBackend', 'putBackend', 'patchBackend', 'deleteBackend'],
  ...['listServers', 'createServer', 'getServer', 'putServer', 'patchServer', 'deleteServer'],
  'getServerHealth',
  ...['getOverride', 'deleteOverride'],
];

/** Operations that a token for registering servers of one backend may use, and one for that backend too. */
const ofRegistrations = [
  ...['listRegistrations', 'createRegistrations', 'putRegistration', 'deleteRegistration'],
  ...['addUpstream', 'postUpstream', 'removeUpstream', 'postUpstreamRemoval', 'getUpstreamStatus'],
];

/** Operations that only read, and whose question is too long for a URL. */
const questions = ['simulate', 'explain'];

const values: Readonly<Record<string, string>> = {
  name: 'web',
  endpoint: '10.0.0.1:80',
  pattern: 'a.test',
  version: '1',
  layer: 'file',
};

/** A path that is valid, so that nothing but the scope is a reason to refuse. */
function targetOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '1');
}

describe('scopes and operations', () => {
  let api: ApiFixture;
  let operations: readonly (Described & { readonly method: string; readonly path: string })[];
  const texts = new Map<string, string>();
  beforeAll(async () => {
    api = await startApi({ upstream: { defaultBackend: 'web' } });
    const { paths } = (await api.send('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, Described>>;
    };
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({ ...described, path, method: method.toUpperCase() })),
    );
    for (const [name, { scopes }] of Object.entries(tokens)) {
      const got = await api.send('POST', '/api/v1/tokens', { body: { name, scopes } });
      texts.set(name, (got.body as { token: string }).token);
    }
  });
  afterAll(() => api.close());

  it('are described for every operation that needs a token, and no other', () => {
    for (const { operationId, security, 'x-headgate-scopes': scopes } of operations) {
      expect([operationId, (scopes?.length ?? 0) > 0]).toEqual([operationId, security.length > 0]);
    }
    const named = operations.filter((operation) =>
      operation['x-headgate-scopes']?.some((one) => one.includes('{name}')),
    );
    expect(named.map(({ operationId }) => operationId).sort()).toEqual([...ofBackend, ...ofRegistrations].sort());
    const registering = operations.filter((operation) =>
      operation['x-headgate-scopes']?.some((one) => one.startsWith('register:')),
    );
    expect(registering.map(({ operationId }) => operationId).sort()).toEqual([...ofRegistrations].sort());
  });

  it('give tokens, the join token and the audit log to admins alone', () => {
    const guarded = operations.filter(({ path }) => /\/(tokens|join-token|audit)/.test(path));
    expect(guarded.length).toBeGreaterThanOrEqual(7);
    for (const operation of guarded) expect(operation['x-headgate-scopes']).toEqual(['admin']);
  });

  it('let nothing be written by a token that may only read', () => {
    for (const { method, operationId, 'x-headgate-scopes': scopes = [] } of operations) {
      if (method === 'GET' || questions.includes(operationId)) continue;
      expect([operationId, scopes.includes('read')]).toEqual([operationId, false]);
    }
  });

  it.each(Object.keys(tokens))('allow a token of "%s" what is described and nothing else', async (name) => {
    const { reaches } = tokens[name]!;
    const found: Record<string, boolean> = {};
    const expected: Record<string, boolean> = {};
    for (const operation of operations) {
      const { path, operationId, requestBody, responses, security, 'x-headgate-scopes': scopes = [] } = operation;
      // A stream has no end; its head tells enough.
      const method = 'text/event-stream' in (responses['200']?.content ?? {}) ? 'HEAD' : operation.method;
      const sufficient = scopes.map((scope) => scope.replace('{name}', 'web'));
      expected[operationId] = security.length === 0 || sufficient.some((scope) => reaches.includes(scope));
      // What is no content of anything: an allowed request is refused for that, and changes nothing.
      const body = requestBody === undefined ? {} : { body: '[]' };
      const ifMatch = method === 'DELETE' ? { headers: { 'If-Match': '"999999"' } } : {};
      if (operationId === 'deleteToken' && expected[operationId] === true) continue;
      const got = await api.send(method, targetOf(path), { token: texts.get(name), ...body, ...ifMatch });
      found[operationId] = got.status !== 403;
      if (got.status === 403 && method !== 'HEAD')
        expect(JSON.stringify(got.body)).toContain(`needs the scope ${sufficient.join(' or ')}`);
      expect([operationId, got.status]).not.toEqual([operationId, 401]);
    }
    if (expected['deleteToken'] === true) delete expected['deleteToken'];
    expect(found).toEqual(expected);
    expect(api.rooms.intent.state.value.revision).toBe(0);
  });

  it('keep a token for one backend from everything else, whatever its content says', async () => {
    const token = texts.get('own')!;
    const status = async (method: string, path: string, body?: object): Promise<number> =>
      (await api.send(method, path, { token, ...(body && { body }) })).status;
    expect(await status('PUT', '/api/v1/backends/web', { servers: [{ address: '10.0.0.1', port: 80 }] })).toBe(201);
    expect(await status('PATCH', '/api/v1/backends/web/servers/10.0.0.1:80', { weight: 2 })).toBe(200);
    expect(await status('PUT', '/api/v1/backends/web', { name: 'other' })).toBe(422);
    expect(await status('POST', '/api/v1/backends', { name: 'web' })).toBe(403);
    expect(await status('PUT', '/api/v1/backends/web2', {})).toBe(403);
    expect(await status('PUT', '/api/v1/backends/..%2Fweb', {})).toBe(403);
    expect(await status('PUT', '/api/v1/hosts/web', { backend: 'web' })).toBe(403);
    expect(await status('PUT', '/api/v1/config', { backends: [], hosts: [] })).toBe(403);
    expect(await status('GET', '/api/v1/nothing')).toBe(403);
    expect(await status('DELETE', '/api/v1/backends/web')).toBe(200);
  });
});
