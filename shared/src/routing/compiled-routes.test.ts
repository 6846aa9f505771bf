import fc from 'fast-check';
import type { Route } from '../model/host.ts';
import { compileRoutes } from './compiled-routes.ts';

function backendFor(routes: readonly Route[], target: string): string | undefined {
  return compileRoutes(routes).match(target)?.backend;
}

/** The rule word by word: the best of all routes, one after the other. */
function naiveMatch(routes: readonly Route[], target: string): Route | undefined {
  const path = target.split('?', 1)[0] ?? '';
  const exact = routes.find((route) => route.path !== undefined && 'exact' in route.path && route.path.exact === path);
  if (exact !== undefined) return exact;
  let best: Route | undefined;
  let longest = -1;
  for (const route of routes) {
    const written = route.path ?? { prefix: '/' };
    if ('exact' in written) continue;
    const elements = written.prefix.replace(/\/$/, '').split('/');
    const matches = elements.length === 1 || elements.every((element, index) => path.split('/')[index] === element);
    if (matches && elements.length > longest) [best, longest] = [route, elements.length];
  }
  return best;
}

const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', '', 'A', '%2F'), { maxLength: 4 })
  .map((elements) => `/${elements.join('/')}`);
const match = fc.oneof(
  path.map((prefix) => ({ prefix })),
  path.map((exact) => ({ exact })),
  fc.constant(undefined),
);
const routesArbitrary = fc
  .array(match, { maxLength: 8 })
  .map((paths) => paths.map((written, index): Route => ({ path: written, backend: `b${index}` })));

describe('compileRoutes', () => {
  const routes: Route[] = [
    { path: { prefix: '/' }, backend: 'rest' },
    { path: { prefix: '/api' }, backend: 'api' },
    { path: { prefix: '/api/v2/' }, backend: 'v2' },
    { path: { exact: '/api' }, backend: 'exact' },
    { path: { exact: '/api/v2/health' }, backend: 'health' },
  ];

  it.each([
    ['/', 'rest'],
    ['/x', 'rest'],
    ['/apis', 'rest'],
    ['/ap', 'rest'],
    ['/API/x', 'rest'],
    ['/%61pi/x', 'rest'],
    ['/api', 'exact'],
    ['/api?x=/api/v2', 'exact'],
    ['/api/', 'api'],
    ['/api/v1', 'api'],
    ['/api/v22', 'api'],
    ['/api/v2', 'v2'],
    ['/api/v2/', 'v2'],
    ['/api/v2/x/y?z', 'v2'],
    ['/api/v2/health', 'health'],
    ['/api/v2/health?now', 'health'],
    ['/api/v2/health/x', 'v2'],
    ['//api', 'rest'],
    ['*', 'rest'],
    ['', 'rest'],
    ['?/api', 'rest'],
  ])('sends %s to %s', (target, backend) => {
    expect(backendFor(routes, target)).toBe(backend);
  });

  it('takes a route without a path for one with the prefix /', () => {
    expect(backendFor([{ backend: 'first' }, { path: { prefix: '/' }, backend: 'second' }], '/x')).toBe('first');
    expect(backendFor([{ path: { prefix: '/' }, backend: 'first' }, { backend: 'second' }], '/x')).toBe('first');
  });

  it('takes the first of routes that match the same', () => {
    const twice: Route[] = [
      { path: { prefix: '/a/' }, backend: 'first' },
      { path: { prefix: '/a' }, backend: 'second' },
      { path: { exact: '/e' }, backend: 'third' },
      { path: { exact: '/e' }, backend: 'fourth' },
    ];
    expect([backendFor(twice, '/a/x'), backendFor(twice, '/e')]).toEqual(['first', 'third']);
  });

  it('finds nothing where nothing matches', () => {
    expect(backendFor([], '/')).toBeUndefined();
    expect(backendFor([{ path: { prefix: '/a' }, backend: 'a' }], '/b')).toBeUndefined();
    expect(backendFor([{ path: { exact: '/a' }, backend: 'a' }], '/a/')).toBeUndefined();
  });

  it('compares byte for byte, so that names of object members are nothing special', () => {
    expect(backendFor([{ path: { prefix: '/a' }, backend: 'a' }], '/__proto__/constructor')).toBeUndefined();
  });

  it('decides as the rule read word by word', () => {
    fc.assert(
      fc.property(routesArbitrary, path, fc.constantFrom('', '?', '?/a/b', '/'), (some, target, tail) => {
        expect(compileRoutes(some).match(target + tail)).toBe(naiveMatch(some, target + tail));
      }),
      { numRuns: 3_000 },
    );
  });

  it('looks up no more prefixes than there are lengths, however many slashes a path has', () => {
    const compiled = compileRoutes<Route>([
      { path: { prefix: '/a/b' }, backend: 'ab' },
      { path: { prefix: `/${'x'.repeat(500)}` }, backend: 'x' },
    ]);
    const get = jest.spyOn(Map.prototype, 'get');
    const found = compiled.match('/'.repeat(8_000));
    const lookups = get.mock.calls.length;
    get.mockRestore();
    expect([found, lookups <= 3]).toEqual([undefined, true]);
  });
});
