import type { HostDocument } from '@headgate/shared/model/host';
import { hostTableOf } from './host-table-of.ts';
import { simulate } from './simulate.ts';
import { simulatedRequestSchema, type SimulatedRequest } from './simulated-request.ts';

const none = hostTableOf([]);

/** Where a request goes under one configuration. */
function destination(hosts: readonly HostDocument[], request: SimulatedRequest): unknown {
  const { current } = simulate({ current: hostTableOf(hosts), draft: none }, simulatedRequestSchema.parse(request));
  return current;
}

function changed(before: readonly HostDocument[], after: readonly HostDocument[]): boolean {
  const configurations = { current: hostTableOf(before), draft: hostTableOf(after) };
  return simulate(configurations, { url: 'http://a.test/x' }).changed;
}

const hosts: readonly HostDocument[] = [
  {
    host: 'a.test',
    routes: [
      { match: { method: 'POST', headers: [{ name: 'canary', exact: 'a, b' }] }, backend: 'canary' },
      {
        match: { path: { prefix: '/api' }, query: [{ name: 'v', exact: '2 0' }] },
        backends: [{ name: 'v2' }, { name: 'v1', weight: 9 }],
      },
      { match: { path: { prefix: '/api' } }, backend: 'v1' },
    ],
  },
  { host: '*.test', backend: 'rest' },
];
const gone = { host: 'a.test', backends: [], reason: 'no_route' };
const canary = { host: 'a.test', route: 0, backends: [{ name: 'canary', weight: 1 }] };
const split = {
  host: 'a.test',
  route: 1,
  backends: [
    { name: 'v2', weight: 1 },
    { name: 'v1', weight: 9 },
  ],
};
const v1 = { host: 'a.test', route: 2, backends: [{ name: 'v1', weight: 1 }] };
const rest = { host: '*.test', route: 0, backends: [{ name: 'rest', weight: 1 }] };

describe('simulate', () => {
  it.each<[SimulatedRequest, unknown]>([
    [{ url: 'http://a.test' }, gone],
    [{ url: 'https://A.test.:8443/api?v=2+0' }, split],
    [{ url: 'https://a.test?v=2' }, gone],
    [{ host: 'a.test', path: '/api/x?v=2%200' }, split],
    [{ host: 'a.test', path: '/api/x?v=1&v=2+0' }, v1],
    [{ host: 'a.test' }, gone],
    [{ host: 'b.test:80' }, rest],
    [{ host: 'b.a.test', path: '/api' }, rest],
    [{ host: 'test' }, { backends: [], reason: 'unknown_host' }],
    [{ url: 'http://[::1]/' }, { backends: [], reason: 'unknown_host' }],
    [{ url: 'http://a.test/', method: 'POST', headers: { Canary: ['a ', 'b'] } }, canary],
    [{ url: 'http://a.test/', method: 'POST', headers: { canary: 'a', CANARY: 'b' } }, canary],
    [{ url: 'http://a.test/', method: 'GET', headers: { canary: 'a, b' } }, gone],
  ])('sends %j where data planes would', (request, expected) => {
    expect(destination(hosts, request)).toEqual(expected);
  });

  it('says where a request goes under the draft too', () => {
    const configurations = { current: none, draft: hostTableOf(hosts) };
    expect(simulate(configurations, { url: 'http://a.test/api' })).toEqual({
      current: { backends: [], reason: 'unknown_host' },
      draft: v1,
      changed: true,
    });
  });

  it('tells a change of backends, of their shares and of the reason, and nothing else', () => {
    const to = (backend: string): HostDocument => ({ host: 'a.test', backend });
    const shares = (...weights: readonly number[]): HostDocument => ({
      host: 'a.test',
      routes: [{ backends: weights.map((weight, index) => ({ name: `b${index}`, weight })) }],
    });
    expect(changed([to('b0')], [{ ...to('b0'), host: '*.test' }])).toBe(false);
    expect(changed([to('b0')], [shares(3)])).toBe(false);
    expect(changed([to('b0')], [shares(3, 0)])).toBe(false);
    expect(changed([shares(1, 3)], [shares(200, 600)])).toBe(false);
    expect(changed([shares(1, 3)], [shares(3, 1)])).toBe(true);
    expect(changed([shares(1, 3)], [shares(1, 3, 1)])).toBe(true);
    expect(changed([to('b0')], [to('b1')])).toBe(true);
    expect(changed([to('b0')], [])).toBe(true);
    const noRoute = { host: 'a.test', routes: [{ match: { path: { exact: '/' } }, backend: 'b0' }] };
    expect(changed([noRoute], [])).toBe(true);
    expect(changed([], [])).toBe(false);
  });
});

describe('simulatedRequestSchema', () => {
  it.each([
    {},
    { path: '/' },
    { url: 'http://a.test/', host: 'a.test' },
    { url: 'http://a.test/', path: '/' },
    { url: '/x' },
    { url: 'a.test/x' },
    { url: 'ftp://a.test/' },
    { url: 'http:///x' },
    { url: 'http://user@a.test/' },
    { url: 'http://a.test/#x' },
    { url: 'http://a.test/ä' },
    { url: `http://a.test/${'x'.repeat(8_192)}` },
    { host: '' },
    { host: 'a b' },
    { host: 'a.test', path: 'x' },
    { host: 'a.test', path: '*' },
    { host: 'a.test', path: 'http://a.test/' },
    { host: 'a.test', method: 'get' },
    { host: 'a.test', method: 'CONNECT' },
    { host: 'a.test', headers: { host: 'b.test' } },
    { host: 'a.test', headers: { 'a b': 'x' } },
    { host: 'a.test', headers: { a: 'x\r\ny' } },
    { host: 'a.test', headers: { a: 1 } },
    { host: 'a.test', headers: { a: Array(101).fill('x') } },
    { host: 'a.test', body: 'x' },
  ])('refuses %.80j', (request) => {
    expect(simulatedRequestSchema.safeParse(request).success).toBe(false);
  });
});
