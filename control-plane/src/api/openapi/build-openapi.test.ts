import { startApi, type ApiFixture } from '../api-fixture.cases.ts';
import { apiOperations } from '../operations.ts';
import { describedBy } from './described-by.cases.ts';

type Json = Readonly<Record<string, unknown>>;
type Described = Json & {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Json;
  }[];
  readonly responses: Readonly<Record<string, Json>>;
  readonly security: readonly Json[];
  readonly requestBody?: { readonly content: Json };
};

describe('the OpenAPI description', () => {
  let api: ApiFixture;
  let document: { openapi: string; paths: Record<string, Record<string, Described>>; components: { schemas: Json } };
  beforeAll(async () => {
    api = await startApi();
    document = (await api.send('GET', '/openapi.json')).body as typeof document;
  });
  afterAll(() => api.close());

  const described = (): readonly Described[] => Object.values(document.paths).flatMap((path) => Object.values(path));

  it('is of OpenAPI 3.1, the same in both places', async () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect((await api.send('GET', '/api/v1/openapi.json')).body).toEqual(document);
  });

  it('has every operation that is mounted, and no other', () => {
    const mounted = apiOperations(api.rooms).map(({ operationId, method, path }) => `${operationId} ${method} ${path}`);
    const paths = Object.entries(document.paths);
    const found = paths.flatMap(([path, members]) =>
      Object.entries(members).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
    );
    expect(found.sort()).toEqual(mounted.sort());
    expect(new Set(described().map(({ operationId }) => operationId)).size).toBe(found.length);
  });

  it('refers to nothing that is not there', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!);
    expect(references.length).toBeGreaterThan(50);
    const names = references.map((reference) => reference.replace('#/components/schemas/', ''));
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(names));
    expect(text).not.toContain('$defs');
  });

  it('names every parameter of a path, as required', () => {
    for (const [path, members] of Object.entries(document.paths)) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters } of Object.values(members)) {
        const found = parameters.filter((parameter) => parameter.in === 'path');
        expect(found.map(({ name }) => name)).toEqual(wanted);
        expect(found.every(({ required }) => required)).toBe(true);
        expect(parameters.filter((parameter) => parameter.in !== 'path' && parameter.required)).toEqual([]);
      }
    }
  });

  it('tells where a token is needed, and what a wrong one gets', () => {
    for (const { security, responses, operationId, tags } of described()) {
      const open = ['getLivez', 'getReadyz', 'getMetrics'].includes(operationId);
      const optional = tags.includes('upstream') ? [{}] : [];
      expect(security).toEqual(open ? [] : [{ token: [] }, ...optional]);
      expect('401' in responses).toBe(!open);
    }
  });

  it('tells the media types of contents', () => {
    const contents = described().flatMap(({ operationId, requestBody }) =>
      requestBody === undefined ? [] : [[operationId, Object.keys(requestBody.content)]],
    );
    expect(Object.fromEntries(contents)).toMatchObject({
      createBackend: ['application/json'],
      patchBackend: ['application/merge-patch+json', 'application/json'],
    });
    const withContent = apiOperations(api.rooms).filter(({ body }) => body !== undefined);
    expect(contents.map(([operationId]) => operationId)).toEqual(withContent.map(({ operationId }) => operationId));
  });

  it('has the limits of the model', () => {
    expect(document.components.schemas['Server']).toMatchObject({
      additionalProperties: false,
      required: ['address', 'port'],
      properties: { port: { type: 'integer', minimum: 1, maximum: 65_535 } },
    });
  });

  it('is what answers are held against: others are found out', () => {
    const check = describedBy(document);
    const headers = { 'content-type': 'application/json', etag: '"1"' };
    const body = { name: 'web' };
    expect(() => check('GET', '/api/v1/backends/web', { status: 200, headers, body })).not.toThrow();
    expect(() => check('GET', '/api/v1/backends/web', { status: 200, headers, body: { name: 5 } })).toThrow(
      'not described',
    );
    expect(() =>
      check('GET', '/api/v1/backends/web', { status: 200, headers: { ...headers, etag: undefined }, body }),
    ).toThrow('ETag');
    expect(() => check('GET', '/api/v1/backends/web', { status: 202, headers, body })).toThrow('202');
  });
});
