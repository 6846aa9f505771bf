import { checkSchema } from './check-schema.ts';
import { consulSourceSchema, resolveConsulSource } from './consul-source.ts';
import { formatFault } from './fault.ts';

const least = { type: 'consul', address: 'http://127.0.0.1:8500', service: 'web' } as const;

function faultsOf(input: unknown) {
  const checked = checkSchema(consulSourceSchema, input);
  return checked.ok ? [] : [...checked.faults];
}

describe('consulSourceSchema', () => {
  it.each([
    {},
    { address: 'https://consul.example.com/' },
    { address: 'HTTP://[::1]:8500' },
    { service: undefined, services: ['web', 'web:canary'] },
    { tag: 'traefik.http.routers.web.rule=Host(`a b`)' },
    { tags: ['primary', 'v2'], datacenter: 'dc1', token: 'consul-token', stale: true, wait: '10m' },
    { use: 'catalog', passingOnly: false, weights: 'none' },
    { address: 'https://127.0.0.1:8501', tls: { ca: 'consul-ca', serverName: 'server.dc1.consul' } },
  ])('accepts %j', (part) => {
    expect(faultsOf({ ...least, ...part })).toEqual([]);
  });

  it.each([
    [{ address: '127.0.0.1:8500' }, '/address'],
    [{ address: 'ftp://127.0.0.1' }, '/address'],
    [{ address: 'http://127.0.0.1:8500/v1' }, '/address'],
    [{ address: 'http://127.0.0.1:8500//' }, '/address'],
    [{ address: 'http:///x' }, '/address'],
    [{ address: 'http://127.0.0.1:8500/?' }, '/address'],
    [{ address: 'http://127.0.0.1:8500#a' }, '/address'],
    [{ address: 'http://a b' }, '/address'],
    [{ address: 'http://127.0.0.1:99999' }, '/address'],
    [{ service: '' }, '/service'],
    [{ service: '../kv/secret' }, '/service'],
    [{ service: 'a/b' }, '/service'],
    [{ service: undefined, services: [] }, '/services'],
    [{ service: undefined, services: ['web', 'web'] }, '/services'],
    [{ service: undefined, services: Array.from({ length: 17 }, (_, index) => `web-${index}`) }, '/services'],
    [{ tag: ' a' }, '/tag'],
    [{ tags: 'a' }, '/tags'],
    [{ token: 'a token' }, '/token'],
    [{ wait: '11m' }, '/wait'],
    [{ wait: '999ms' }, '/wait'],
    [{ weights: 'warning' }, '/weights'],
    [{ address: 'https://a', tls: { ca: '-----BEGIN CERTIFICATE-----' } }, '/tls/ca'],
    [{ address: 'https://a', tls: { serverName: 'a b' } }, '/tls/serverName'],
    [{ tls: {} }, '/tls'],
    [{ services: ['api'] }, '/services'],
    [{ tag: 'a', tags: ['b'] }, '/tags'],
    [{ use: 'catalog', passingOnly: true }, '/passingOnly'],
    [{ colour: 'red' }, '/colour'],
  ])('refuses %j', (part, pointer) => {
    expect(faultsOf({ ...least, ...part }).map((fault) => fault.pointer)).toEqual([pointer]);
  });

  it('wants a service', () => {
    const { service: _without, ...rest } = least;
    expect(faultsOf(rest)).toEqual([
      {
        pointer: '/service',
        code: 'required',
        detail: '"service" is missing',
        fix: 'name the service, or several by "services"',
      },
    ]);
  });

  it.each(['http://admin:hunter2@127.0.0.1:8500', 'hunter2@x', 'https://hunter2@127.0.0.1/path'])(
    'refuses credentials in %s without repeating them',
    (address) => {
      const faults = faultsOf({ ...least, address });
      expect(faults.map(formatFault).join()).toMatch(/has credentials in "address"/);
      expect(JSON.stringify(faults)).not.toContain('hunter2');
    },
  );
});

describe('resolveConsulSource', () => {
  it('fills in the defaults', () => {
    expect(resolveConsulSource({ ...least, address: 'http://127.0.0.1:8500/' })).toEqual({
      type: 'consul',
      address: 'http://127.0.0.1:8500',
      services: ['web'],
      use: 'health',
      passingOnly: true,
      datacenter: '',
      tags: [],
      weights: 'passing',
      token: '',
      stale: false,
      waitMs: 55_000,
      tls: { ca: '', serverName: '' },
    });
  });

  it('takes what is written', () => {
    const { service: _without, ...rest } = least;
    const written = { ...rest, services: ['a', 'b'], tag: 'v2', wait: '2s', passingOnly: false, token: 't' };
    const expected = { services: ['a', 'b'], tags: ['v2'], waitMs: 2_000, passingOnly: false, token: 't' };
    expect(resolveConsulSource(written)).toMatchObject(expected);
  });

  it('knows of no checks with the catalog', () => {
    expect(resolveConsulSource({ ...least, use: 'catalog' })).toMatchObject({ use: 'catalog', passingOnly: false });
  });
});
