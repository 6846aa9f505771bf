import type { RouteDocument } from '@headgate/shared/model/host';
import { compileRoutes } from '@headgate/shared/routing/compiled-routes';
import { RequestView } from '@headgate/shared/routing/routed-request';
import fc from 'fast-check';
import { shadowedRoutes } from './shadowed-routes.ts';

type Match = NonNullable<RouteDocument['match']>;

function shadowed(...matches: readonly Match[]): readonly (readonly [number, number])[] {
  const routes = matches.map((match) => ({ match, backend: 'web' }));
  return [...shadowedRoutes({ host: 'h.test', routes })].map(({ route, by }) => [route, by]);
}

const any = (name: string) => ({ name, present: true }) as const;
const exact = (name: string, value: string) => ({ name, exact: value });

describe('shadowedRoutes', () => {
  it('finds routes of the same conditions, in whatever order and case they are written', () => {
    const match = { method: 'GET', headers: [exact('A', '1'), any('b')], query: [exact('q', '1')] };
    const again = { query: [exact('q', '1')], headers: [any('B'), { exact: '1', name: 'a' }], method: 'GET' };
    expect(shadowed(match, again)).toEqual([[1, 0]]);
    expect(shadowed(match, { ...again, method: 'POST' })).toEqual([]);
    expect(shadowed(match, { ...again, query: [exact('Q', '1')] })).toEqual([]);
  });

  it('finds routes that ask for a value where an earlier one takes any', () => {
    const [loose, strict] = [{ headers: [any('a'), exact('b', '1')] }, { headers: [exact('a', 'x'), exact('b', '1')] }];
    expect(shadowed(loose, strict)).toEqual([[1, 0]]);
    expect(shadowed(strict, loose)).toEqual([]);
    expect(shadowed(loose, { headers: [exact('a', 'x'), exact('b', '2')] })).toEqual([]);
  });

  it('leaves those alone that ask for more, whatever stands before them', () => {
    expect(shadowed({}, { method: 'GET' }, { headers: [any('a')] }, { headers: [any('a'), any('b')] })).toEqual([]);
  });

  const conditions = fc.uniqueArray(
    fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2', undefined)).map(([name, value]) => {
      return value === undefined ? any(name) : exact(name, value);
    }),
    { maxLength: 2, selector: ({ name }) => name },
  );
  const match = fc.record(
    {
      path: fc.constantFrom({ prefix: '/a' }, { prefix: '/a/' }, { exact: '/a' }),
      method: fc.constantFrom('GET', 'POST'),
      headers: conditions,
      query: conditions,
    },
    { requiredKeys: [] },
  );
  const values = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2', '3')), { maxLength: 3 });
  const request = fc
    .tuple(fc.constantFrom('GET', 'POST', 'PUT'), fc.constantFrom('/', '/a', '/a/', '/a/b'), values, values)
    .map(([method, path, headers, query]) => {
      return new RequestView(method, `${path}?${query.map((pair) => pair.join('=')).join('&')}`, headers.flat());
    });

  it('names none that routing takes', () => {
    let named = 0;
    fc.assert(
      fc.property(
        fc.array(match, { minLength: 6, maxLength: 10 }),
        fc.array(request, { minLength: 10, maxLength: 20 }),
        (matches, requests) => {
          const unreached = new Set(shadowed(...matches).map(([route]) => route));
          named += unreached.size;
          const compiled = compileRoutes(matches.map((one, index) => ({ ...one, index })));
          for (const one of requests) expect(unreached.has(compiled.match(one)?.index ?? -1)).toBe(false);
        },
      ),
      { numRuns: 500, seed: 5 },
    );
    expect(named).toBeGreaterThan(100);
  });
});
