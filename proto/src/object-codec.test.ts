import type { Backend } from '@headgate/shared/model/backend';
import type { Host, Route } from '@headgate/shared/model/host';
import { resolveServer, type Server } from '@headgate/shared/model/server';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import fc from 'fast-check';
import { Backend as WireBackend, Host as WireHost } from './generated/headgate/v1/control_plane.ts';
import { decodeObject, encodeObject } from './object-codec.ts';
import { kindNumber } from './object-kind.ts';
import { UndecodableObjectError } from './undecodable-object-error.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const name = fc.string({ minLength: 1, maxLength: 63, unit: 'grapheme' });
const backend: fc.Arbitrary<Backend> = fc.record({
  name,
  balance: fc.record({
    algorithm: fc.constantFrom('round_robin', 'consistent_hash'),
    key: fc.record({ source: fc.constantFrom('client_address', 'header'), name: fc.string() }),
    loadFactorPercent: uint32,
  }),
  session: fc.option(
    fc.record({
      cookie: name,
      path: fc.webPath(),
      domain: fc.domain(),
      maxAgeSeconds: uint32,
      sameSite: fc.constantFrom('Lax', 'None'),
      secure: fc.constantFrom('auto', 'never'),
      strip: fc.boolean(),
    }),
    { nil: undefined },
  ),
  ejection: fc.option(
    fc.record({
      consecutiveFailures: uint32,
      baseTimeMs: uint32,
      maxTimeMs: uint32,
      maxPercent: uint32,
      recovery: fc.constantFrom('time', 'probe'),
    }),
    { nil: undefined },
  ),
  retry: fc.record({ attempts: uint32, budgetPercent: uint32, minConcurrent: uint32, replayBytes: uint32 }),
  slowStartMs: uint32,
  failOpen: fc.boolean(),
  healthCheck: fc.option(
    fc.record({
      type: fc.constantFrom('tcp' as const, 'http' as const),
      method: fc.constantFrom('GET', 'HEAD'),
      path: fc.webPath(),
      host: fc.domain(),
      headers: fc.array(fc.record({ name: fc.string(), value: fc.string() })),
      intervalMs: uint32,
      downIntervalMs: fc.integer({ min: 1, max: 0xffff_ffff }),
      concurrency: fc.integer({ min: 1, max: 0xffff_ffff }),
      timeoutMs: uint32,
      fall: uint32,
      rise: uint32,
      validStatuses: fc.array(fc.record({ from: uint32, to: uint32 })),
      jitterPercent: uint32,
    }),
    { nil: undefined },
  ),
  timeouts: fc.record({
    connectMs: uint32,
    firstByteMs: uint32,
    idleMs: uint32,
    tunnelIdleMs: uint32,
    drainMs: uint32,
  }),
  limits: fc.record({
    requestBodyBytes: fc.maxSafeNat(),
    requestsPerServer: uint32,
    queueLength: uint32,
    queueTimeoutMs: uint32,
  }),
  via: fc.boolean(),
});
const server: fc.Arbitrary<Server> = fc.record({
  backend: name,
  address: fc.oneof(fc.ipV4(), fc.ipV6()),
  port: fc.integer({ min: 1, max: 65_535 }),
  weight: fc.integer({ min: 1, max: 1_000 }),
  priority: uint32,
  zone: fc.string(),
  labels: fc.dictionary(name, fc.string()),
  state: fc.constantFrom('active', 'draining', 'disabled'),
});
const condition = fc.oneof(
  fc.record({ name, exact: fc.string({ unit: 'grapheme' }) }),
  fc.record({ name, present: fc.constant(true as const) }),
);
const conditions = fc.option(fc.array(condition, { minLength: 1, maxLength: 3 }), { nil: undefined });
const routeConditions = fc.record({
  path: fc.option(fc.oneof(fc.record({ exact: fc.webPath() }), fc.record({ prefix: fc.webPath() })), {
    nil: undefined,
  }),
  method: fc.option(fc.constantFrom('GET', 'PURGE'), { nil: undefined }),
  headers: conditions,
  query: conditions,
});
const destination = fc.oneof(
  fc.record({ backend: name }),
  fc.record({
    backends: fc.array(fc.record({ name, weight: fc.integer({ min: 0, max: 1_000 }) }), { minLength: 1, maxLength: 4 }),
  }),
);
const route: fc.Arbitrary<Route> = fc
  .tuple(routeConditions, destination)
  .map(([asked, goes]): Route => ({ ...asked, ...goes }));
const host: fc.Arbitrary<Host> = fc.record({ pattern: name, routes: fc.array(route, { minLength: 1 }) });
const object: fc.Arbitrary<SnapshotObject> = fc.oneof(
  backend.map((value) => ({ kind: 'backend' as const, value })),
  server.map((value) => ({ kind: 'server' as const, value })),
  host.map((value) => ({ kind: 'host' as const, value })),
);

describe('the object codec', () => {
  it('decodes what it encoded to an equal object', () => {
    fc.assert(
      fc.property(object, (original) => {
        const { kind, body } = encodeObject(original);
        expect(decodeObject(kind, body)).toEqual(original);
      }),
    );
  });

  it('encodes equal objects to equal bytes', () => {
    fc.assert(
      fc.property(object, (original) => {
        const first = encodeObject(original);
        expect(encodeObject(decodeObject(first.kind, first.body))).toEqual(first);
      }),
    );
  });

  it('makes a typed error of any bytes that are no object', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.uint8Array({ maxLength: 64 }), (kind, body) => {
        try {
          decodeObject(kind, body);
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableObjectError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses a kind that this release does not know', () => {
    expect(errorOf(() => decodeObject(6, Buffer.alloc(0)))).toMatchObject({ code: 'unknown_kind', object: '' });
  });

  it('refuses truncated bytes', () => {
    const { kind, body } = encodeObject({ kind: 'server', value: web });
    const error = errorOf(() => decodeObject(kind, body.subarray(0, -1)));
    expect(error).toMatchObject({ code: 'undecodable', object: 'server/' });
  });

  it.each([
    ['/backend', { backend: '' }],
    ['/address', { address: '' }],
    ['/port', { port: 0 }],
    ['/weight', { weight: 0 }],
  ])('refuses a server without %s', (field, change) => {
    const { kind, body } = encodeObject({ kind: 'server', value: { ...web, ...change } });
    expect(errorOf(() => decodeObject(kind, body))).toMatchObject({ code: 'missing_part', field });
  });

  it('refuses a backend without timeouts, naming it', () => {
    const body = WireBackend.encode(
      WireBackend.create({ name: 'web', balance: { algorithm: 'round_robin' } }),
    ).finish();
    expect(errorOf(() => decodeObject(kindNumber('backend'), body))).toMatchObject({
      code: 'missing_part',
      object: 'backend/web',
      field: '/timeouts',
    });
  });

  it('refuses a health check of a type that this release does not know', () => {
    const complete = { name: 'web', balance: { algorithm: 'round_robin' }, timeouts: {}, limits: {} };
    const body = WireBackend.encode(WireBackend.create({ ...complete, healthCheck: { type: -1 } })).finish();
    expect(errorOf(() => decodeObject(kindNumber('backend'), body))).toMatchObject({
      code: 'unknown_value',
      field: '/healthCheck/type',
    });
  });

  it.each<readonly [string, Parameters<typeof WireHost.create>[0]]>([
    ['/routes', { pattern: 'a.example', routes: [] }],
    ['/routes/0/backend', { pattern: 'a.example', routes: [{ backend: '' }] }],
    [
      '/routes/1/match/path',
      { pattern: 'a.example', routes: [{ backend: 'a' }, { backend: 'b', match: { path: {} } }] },
    ],
    ['/routes/0/backends/1/name', { pattern: 'a.example', routes: [{ backends: [{ name: 'a' }, { weight: 1 }] }] }],
    [
      '/routes/0/match/headers/0/name',
      {
        pattern: 'a.example',
        routes: [{ backend: 'a', match: { headers: [{ match: { $case: 'exact', value: '1' } }] } }],
      },
    ],
    [
      '/routes/0/match/headers/0/match',
      { pattern: 'a.example', routes: [{ backend: 'a', match: { headers: [{ name: 'x' }] } }] },
    ],
    [
      '/routes/0/match/query/0/match',
      {
        pattern: 'a.example',
        routes: [{ backend: 'a', match: { query: [{ name: 'x', match: { $case: 'present', value: false } }] } }],
      },
    ],
  ])('refuses a host with nothing at %s', (field, partial) => {
    const body = WireHost.encode(WireHost.create(partial)).finish();
    expect(errorOf(() => decodeObject(kindNumber('host'), body))).toMatchObject({ object: 'host/a.example', field });
  });
});

const web = resolveServer('web', { address: '10.0.0.1', port: 80 });

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
