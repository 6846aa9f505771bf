import { canonicalRouteMatch, routeMatchSchema } from './route-match.ts';

const many = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `n${index}`, present: true }));

describe('routeMatchSchema', () => {
  it.each([
    {},
    { path: { prefix: '/' }, method: 'PURGE', headers: [], query: [] },
    { method: 'VERSION-CONTROL' },
    {
      headers: [
        { name: 'X-Canary', exact: 'yes, no' },
        { name: 'cookie', present: true },
      ],
    },
    { headers: [{ name: 'x', exact: '' }] },
    { headers: many(16), query: many(16) },
    {
      query: [
        { name: 'ä b', exact: '100 % & ☂' },
        { name: 'x', exact: '' },
        { name: 'X', exact: '1' },
      ],
    },
  ])('takes %j', (match) => {
    expect(routeMatchSchema.safeParse(match)).toMatchObject({ success: true });
  });

  it.each([
    { method: 'get' },
    { method: '' },
    { method: 'TRACE' },
    { method: 'CONNECT' },
    { method: 'G ET' },
    { method: ['GET'] },
    { method: 'A'.repeat(33) },
    { headers: { 'x-canary': 'yes' } },
    { headers: [{ name: 'x' }] },
    { headers: [{ name: 'x', exact: '1', present: true }] },
    { headers: [{ name: 'x', present: false }] },
    { headers: [{ name: 'x', regex: '.*' }] },
    { headers: [{ name: '', present: true }] },
    { headers: [{ name: 'x y', present: true }] },
    { headers: [{ name: 'x:', present: true }] },
    { headers: [{ name: 'Host', exact: 'a.test' }] },
    { headers: [{ name: 'x', exact: ' 1' }] },
    { headers: [{ name: 'x', exact: '1 ' }] },
    { headers: [{ name: 'x', exact: 'a\r\nb' }] },
    { headers: [{ name: 'x', exact: 'ä' }] },
    { headers: [{ name: 'x', exact: 'a'.repeat(1_025) }] },
    { headers: many(17) },
    { query: [{ name: '', present: true }] },
    { query: [{ name: 'a'.repeat(257), present: true }] },
    { query: [{ name: 'x', exact: 'a\nb' }] },
    { query: [{ name: 'x', exact: '\ud800' }] },
    { query: [{ name: 'x', exact: '\ufffd' }] },
    { query: many(17) },
  ])('refuses %j', (match) => {
    expect(routeMatchSchema.safeParse(match).success).toBe(false);
  });

  it('refuses what is named twice, and says where: headers in any case, query parameters as they are', () => {
    const twice = [
      { name: 'X-A', present: true },
      { name: 'b', present: true },
      { name: 'x-a', exact: '1' },
    ];
    const result = routeMatchSchema.safeParse({ headers: twice, query: twice });
    expect(result.error?.issues.map(({ path }) => path)).toEqual([['headers', 2, 'name']]);
    const query = routeMatchSchema.safeParse({ query: [...twice, { name: 'b', exact: '' }] });
    expect(query.error?.issues.map(({ path }) => path)).toEqual([['query', 3, 'name']]);
  });
});

describe('canonicalRouteMatch', () => {
  it('spells the names of headers in lower case and leaves the rest alone', () => {
    const match = { method: 'GET', query: [{ name: 'A', exact: 'B' }], path: { prefix: '/A' } };
    expect(canonicalRouteMatch({ ...match, headers: [{ name: 'X-A', exact: 'B' }] })).toEqual({
      ...match,
      headers: [{ name: 'x-a', exact: 'B' }],
    });
    expect(canonicalRouteMatch(match)).toBe(match);
  });
});
