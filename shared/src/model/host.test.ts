import { canonicalHost, hostSchema, resolveHost, routesOf } from './host.ts';

describe('canonicalHost', () => {
  it('spells the pattern in its one way and leaves the rest alone', () => {
    const routes = [{ match: { path: { prefix: '/API/' } }, backend: 'Web' }];
    expect(canonicalHost({ host: 'App.Example.com.:80', routes })).toEqual({ host: 'app.example.com', routes });
  });
});

describe('resolveHost', () => {
  it('spells backend out as a route that matches everything', () => {
    expect(resolveHost({ host: 'a', backend: 'web' })).toEqual({
      pattern: 'a',
      routes: [{ path: undefined, backend: 'web' }],
    });
    expect(routesOf({ host: 'a' })).toEqual([]);
  });

  it('keeps the order of routes', () => {
    const host = resolveHost({
      host: 'a',
      routes: [
        { match: { path: { exact: '/x' } }, backend: 'x' },
        { match: {}, backend: 'rest' },
      ],
    });
    expect(host.routes).toEqual([
      { path: { exact: '/x' }, backend: 'x' },
      { path: undefined, backend: 'rest' },
    ]);
  });
});

describe('hostSchema', () => {
  it.each([
    { host: 'a', routes: [] },
    { host: 'a', routes: [{ backend: 'b', match: { path: { prefix: 'api' } } }] },
    { host: 'a', routes: [{ backend: 'b', match: { path: { prefix: '/a?b' } } }] },
    { host: 'a', routes: [{ backend: 'b', match: { path: { exact: '/a#b' } } }] },
    { host: 'a', routes: [{ backend: 'b', match: { path: { exact: '/ä' } } }] },
    { host: 'a', routes: [{ backend: 'b', match: { path: { exact: `/${'a'.repeat(2_048)}` } } }] },
    { host: 'a', routes: [{ backend: 'b', match: { path: { exact: '/a', prefix: '/a' } } }] },
    { host: 'a', routes: [{ backend: 'b', match: { path: {} } }] },
    { host: 'a', routes: [{ match: {} }] },
    { host: 'a b', backend: 'web' },
    { host: 'a', backend: '' },
    { host: 'a', backend: '-web' },
    { host: 'a', backend: 'web\n' },
    { host: 'a', backend: 'w'.repeat(64) },
    { backend: 'web' },
  ])('refuses %.100j', (document) => {
    expect(hostSchema.safeParse(document).success).toBe(false);
  });
});
