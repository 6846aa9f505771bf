import { backendNamesOf, canonicalHost, hostSchema, resolveHost, routesOf } from './host.ts';

describe('canonicalHost', () => {
  it('spells the pattern in its one way and leaves the rest alone', () => {
    const routes = [{ match: { path: { prefix: '/API/' } }, backend: 'Web' }];
    expect(canonicalHost({ host: 'App.Example.com.:80', routes })).toEqual({ host: 'app.example.com', routes });
  });
});

describe('canonicalHost, of routes', () => {
  it('spells the names of headers in lower case', () => {
    const route = (name: string) => ({ match: { headers: [{ name, exact: 'Yes' }] }, backend: 'web' });
    expect(canonicalHost({ host: 'a', routes: [route('X-Canary')] }).routes).toEqual([route('x-canary')]);
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

  it('gives backends without a weight the weight 1', () => {
    const backends = [{ name: 'a', weight: 9 }, { name: 'b' }, { name: 'c', weight: 0 }];
    const host = resolveHost({ host: 'a', routes: [{ backends }] });
    expect(host.routes[0]?.backends).toEqual([
      { name: 'a', weight: 9 },
      { name: 'b', weight: 1 },
      { name: 'c', weight: 0 },
    ]);
    expect(host.routes.map(backendNamesOf)).toEqual([['a', 'b', 'c']]);
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
    { host: 'a', routes: [{ backends: [] }] },
    { host: 'a', routes: [{ backends: ['web'] }] },
    { host: 'a', routes: [{ backends: [{ name: 'b', weight: 0 }] }] },
    { host: 'a', routes: [{ backends: [{ name: 'b', weight: 1_001 }] }] },
    { host: 'a', routes: [{ backends: [{ name: 'b', weight: -1 }] }] },
    { host: 'a', routes: [{ backends: [{ name: 'b', weight: 0.5 }] }] },
    { host: 'a', routes: [{ backends: [{ name: 'b' }, { name: 'b' }] }] },
    { host: 'a', routes: [{ backends: Array.from({ length: 17 }, (_, index) => ({ name: `b${index}` })) }] },
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
