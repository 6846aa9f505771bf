import fc from 'fast-check';
import type { Route } from '../model/host.ts';
import { compileRoutes } from './compiled-routes.ts';
import { RequestView, type RoutedRequest } from './routed-request.ts';

function get(target: string): RoutedRequest {
  return new RequestView('GET', target, []);
}

function backendFor(routes: readonly Route[], target: string): string | undefined {
  return compileRoutes(routes).match(get(target))?.backend;
}

/** What the request says, without any of the code under test. */
interface Plain {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: readonly (readonly [string, string])[];
}

function requestOf({ method, path, query, headers }: Plain): RoutedRequest {
  const pairs = query.map(([name, value]) => `${name}=${value}`);
  return new RequestView(method, `${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`, headers.flat());
}

/** How well a path fits: infinity for the same one, the elements of a prefix, -1 when it does not. */
function fitOf({ path: written = { prefix: '/' } }: Route, path: string): number {
  if ('exact' in written) return written.exact === path ? Infinity : -1;
  const elements = written.prefix.replace(/\/$/, '').split('/');
  const matches = elements.length === 1 || elements.every((element, index) => path.split('/')[index] === element);
  return matches ? elements.length : -1;
}

function isMet({ method, headers = [], query = [] }: Route, request: Plain): boolean {
  const joined = (name: string) =>
    request.headers.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value);
  const first = (name: string) =>
    request.query
      .filter(([own]) => own === name)
      .map(([, value]) => value)
      .slice(0, 1);
  return (
    (method ?? request.method) === request.method &&
    headers.every(
      (one) => joined(one.name).length > 0 && (!('exact' in one) || joined(one.name).join(', ') === one.exact),
    ) &&
    query.every((one) => first(one.name).length > 0 && (!('exact' in one) || first(one.name)[0] === one.exact))
  );
}

/** The rule word by word: of all routes that match, the one that nobody outranks. */
function naiveMatch(routes: readonly Route[], request: Plain): Route | undefined {
  const rank = (route: Route): readonly number[] => [
    fitOf(route, request.path),
    route.method === undefined ? 0 : 1,
    route.headers?.length ?? 0,
    route.query?.length ?? 0,
  ];
  const outranks = (a: readonly number[], b: readonly number[]): boolean => {
    const place = a.findIndex((value, index) => value !== b[index]);
    return place !== -1 && a[place]! > b[place]!;
  };
  const matching = routes.filter((route) => fitOf(route, request.path) >= 0 && isMet(route, request));
  return matching.find((route) => matching.every((other) => !outranks(rank(other), rank(route))));
}

const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', '', 'A', '%2F'), { maxLength: 4 })
  .map((elements) => `/${elements.join('/')}`);
const pathMatch = fc.oneof(
  path.map((prefix) => ({ prefix })),
  path.map((exact) => ({ exact })),
  fc.constant(undefined),
);
const routesArbitrary = fc
  .array(pathMatch, { maxLength: 8 })
  .map((paths) => paths.map((written, index): Route => ({ path: written, backend: `b${index}` })));

const word = fc.constantFrom('x', 'y', 'z');
const methods = fc.constantFrom('GET', 'POST');
const condition = fc.oneof(
  fc.record({ name: word, exact: fc.constantFrom('1', '2', '1, 2') }),
  fc.record({ name: word, present: fc.constant(true as const) }),
);
const conditions = fc.option(fc.uniqueArray(condition, { maxLength: 3, selector: ({ name }) => name }), {
  nil: undefined,
});
const fewPaths = fc.constantFrom('/', '/a', '/a/', '/a/b', '/b');
const conditionalRoutes = fc
  .array(
    fc.record({
      path: fc.option(
        fc.oneof(
          fewPaths.map((prefix) => ({ prefix })),
          fewPaths.map((exact) => ({ exact })),
        ),
        { nil: undefined },
      ),
      method: fc.option(methods, { nil: undefined }),
      headers: conditions,
      query: conditions,
    }),
    { maxLength: 10 },
  )
  .map((routes) => routes.map((route, index): Route => ({ ...route, backend: `b${index}` })));
const pairs = fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z', 'X'), fc.constantFrom('1', '2', '')), { maxLength: 4 });
const plainRequest: fc.Arbitrary<Plain> = fc.record({ method: methods, path: fewPaths, query: pairs, headers: pairs });

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
        const [plain = ''] = (target + tail).split('?');
        const request = { method: 'GET', path: plain, query: [], headers: [] };
        expect(compileRoutes(some).match(get(target + tail))).toBe(naiveMatch(some, request));
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('decides by method, headers and query as the rule read word by word', () => {
    let [found, byConditions] = [0, 0];
    fc.assert(
      fc.property(conditionalRoutes, plainRequest, (some, request) => {
        const expected = naiveMatch(some, request);
        if (expected !== undefined) found++;
        if (expected?.headers !== undefined || expected?.query !== undefined) byConditions++;
        expect(compileRoutes(some).match(requestOf(request))).toBe(expected);
      }),
      { numRuns: 3_000, seed: 5 },
    );
    expect([found > 500, byConditions > 200]).toEqual([true, true]);
  });

  it('prefers a method to headers, headers to query parameters, and more to fewer, before the order', () => {
    const one = { name: 'a', present: true } as const;
    const two = { name: 'b', present: true } as const;
    const routes: Route[] = [
      { backend: 'rest' },
      { query: [one, two], backend: 'query' },
      { headers: [one], query: [one], backend: 'header and query' },
      { headers: [one], backend: 'header' },
      { headers: [one, two], backend: 'headers' },
      { method: 'GET', backend: 'method' },
    ];
    const backendOf = (method: string, target: string, ...rawHeaders: string[]) =>
      compileRoutes(routes).match(new RequestView(method, target, rawHeaders))?.backend;
    expect(backendOf('GET', '/?a&b', 'A', '1', 'B', '2')).toBe('method');
    expect(backendOf('POST', '/?a&b', 'A', '1', 'B', '2')).toBe('headers');
    expect(backendOf('POST', '/?a&b', 'A', '1')).toBe('header and query');
    expect(backendOf('POST', '/?b', 'A', '1')).toBe('header');
    expect(backendOf('POST', '/?a&b')).toBe('query');
    expect(backendOf('POST', '/?a')).toBe('rest');
  });

  it('asks a shorter path where the conditions of a longer one do not hold', () => {
    const routes: Route[] = [
      { path: { exact: '/a/b' }, method: 'PUT', backend: 'exact' },
      { path: { prefix: '/a/b' }, headers: [{ name: 'canary', exact: 'yes' }], backend: 'canary' },
      { path: { prefix: '/a' }, query: [{ name: 'q', exact: '1' }], backend: 'query' },
      { path: { prefix: '/' }, method: 'GET', backend: 'rest' },
    ];
    const backendOf = (method: string, target: string, ...rawHeaders: string[]) =>
      compileRoutes(routes).match(new RequestView(method, target, rawHeaders))?.backend;
    expect(backendOf('PUT', '/a/b')).toBe('exact');
    expect(backendOf('GET', '/a/b', 'Canary', 'yes')).toBe('canary');
    expect(backendOf('GET', '/a/b?q=1', 'Canary', 'no')).toBe('query');
    expect(backendOf('GET', '/a/b', 'Canary', 'no')).toBe('rest');
    expect(backendOf('PUT', '/a/b/c')).toBeUndefined();
  });

  it('looks at no header and no parameter where no route of the path asks for one', () => {
    const header = jest.fn<string | undefined, [string]>();
    const query = jest.fn<string | undefined, [string]>();
    const compiled = compileRoutes<Route>([
      { path: { prefix: '/a' }, headers: [{ name: 'x', present: true }], backend: 'a' },
      { path: { exact: '/e' }, backend: 'e' },
      { method: 'POST', headers: [{ name: 'x', present: true }], backend: 'post' },
      { backend: 'rest' },
    ]);
    const backends = ['/', '/e', '/b'].map(
      (target) => compiled.match({ method: 'GET', target, header, query })?.backend,
    );
    expect(backends).toEqual(['rest', 'e', 'rest']);
    expect([header.mock.calls, query.mock.calls]).toEqual([[], []]);
  });

  it('looks up no more prefixes than there are lengths, however many slashes a path has', () => {
    const compiled = compileRoutes<Route>([
      { path: { prefix: '/a/b' }, backend: 'ab' },
      { path: { prefix: `/${'x'.repeat(500)}` }, backend: 'x' },
    ]);
    const target = get('/'.repeat(8_000));
    const lookUp = jest.spyOn(Map.prototype, 'get');
    const found = compiled.match(target);
    const lookups = lookUp.mock.calls.length;
    lookUp.mockRestore();
    expect([found, lookups <= 3]).toEqual([undefined, true]);
  });
});
