import type { ConfigurationDocument } from './configuration.ts';
import { crossCheckConfiguration } from './cross-check.ts';

function faultsOf(document: ConfigurationDocument) {
  return crossCheckConfiguration(document);
}

function codesOf(document: ConfigurationDocument): string[] {
  return faultsOf(document).map(({ code, pointer }) => `${code} ${pointer}`);
}

const backends = [{ name: 'web' }, { name: 'api' }];

describe('crossCheckConfiguration', () => {
  it('finds nothing wrong with a sound configuration', () => {
    const servers = [
      { address: '10.0.0.1', port: 80 },
      { address: '10.0.0.1', port: 81 },
    ];
    expect(
      faultsOf({
        backends: [
          { name: 'web', servers },
          { name: 'api', servers },
        ],
        hosts: [
          { host: 'a.example', backend: 'web' },
          { host: '*.a.example', backend: 'web' },
          { host: '*', routes: [{ match: { path: { prefix: '/api' } }, backend: 'api' }, { backend: 'web' }] },
        ],
      }),
    ).toEqual([]);
  });

  it('finds backends that nobody defines, on hosts and on routes', () => {
    const hosts = [
      { host: 'a', backend: 'wbe' },
      { host: 'b', routes: [{ backend: 'web' }, { backend: 'nothing-like-it' }] },
    ];
    expect(faultsOf({ backends, hosts })).toEqual([
      {
        pointer: '/hosts/0/backend',
        code: 'unknown_backend',
        detail: 'there is no backend "wbe"',
        fix: 'did you mean "web"? Otherwise define the backend or name one that exists',
      },
      {
        pointer: '/hosts/1/routes/1/backend',
        code: 'unknown_backend',
        detail: 'there is no backend "nothing-like-it"',
        fix: 'define the backend or name one that exists',
      },
    ]);
  });

  it('finds backends that nobody defines among several of a route', () => {
    const hosts = [{ host: 'a', routes: [{ backends: [{ name: 'web' }, { name: 'apii', weight: 0 }] }] }];
    expect(faultsOf({ backends, hosts })).toEqual([
      {
        pointer: '/hosts/0/routes/0/backends/1/name',
        code: 'unknown_backend',
        detail: 'there is no backend "apii"',
        fix: 'did you mean "api"? Otherwise define the backend or name one that exists',
      },
    ]);
  });

  it('wants one destination for each route', () => {
    const hosts = [{ host: 'a', routes: [{}, { backend: 'web', backends: [{ name: 'api' }] }, { backend: 'web' }] }];
    expect(codesOf({ backends, hosts })).toEqual([
      'required /hosts/0/routes/0',
      'ambiguous_destination /hosts/0/routes/1',
    ]);
  });

  it('finds the same backend twice, case included', () => {
    expect(codesOf({ backends: [...backends, { name: 'web' }, { name: 'Web' }], hosts: [] })).toEqual([
      'duplicate_backend /backends/2/name',
    ]);
  });

  it('finds the same host twice, however it is written', () => {
    const hosts = [
      'app.example.com',
      'APP.example.com.',
      'app.example.com:80',
      'münchen.de',
      'xn--mnchen-3ya.de',
      '*.a',
      '*.A',
      '*',
      '*',
    ].map((host) => ({ host, backend: 'web' }));
    expect(codesOf({ backends, hosts })).toEqual([
      'duplicate_host /hosts/1/host',
      'duplicate_host /hosts/2/host',
      'duplicate_host /hosts/4/host',
      'duplicate_host /hosts/6/host',
      'duplicate_host /hosts/8/host',
    ]);
    expect(faultsOf({ backends, hosts })[0]?.detail).toBe('"APP.example.com." is the same host as /hosts/0');
  });

  it('finds the same server twice in one backend, however it is written', () => {
    const servers = ['fd00::1', 'FD00:0::1', '10.0.0.1', '::ffff:10.0.0.1'].map((address) => ({ address, port: 80 }));
    expect(codesOf({ backends: [{ name: 'web', servers }], hosts: [] })).toEqual([
      'duplicate_server /backends/0/servers/1',
      'duplicate_server /backends/0/servers/3',
    ]);
    expect(faultsOf({ backends: [{ name: 'web', servers }], hosts: [] })[1]?.detail).toBe(
      '10.0.0.1:80 is the same server as /backends/0/servers/2',
    );
  });

  it('wants one destination for each host', () => {
    const hosts = [{ host: 'a' }, { host: 'b', backend: 'web', routes: [{ backend: 'api' }] }];
    expect(codesOf({ backends, hosts })).toEqual(['required /hosts/0', 'ambiguous_destination /hosts/1']);
  });

  it('leaves routes alone that never match because of others', () => {
    expect(codesOf({ backends, hosts: [{ host: 'a', routes: [{ backend: 'web' }, { backend: 'api' }] }] })).toEqual([]);
  });

  it('finds a host whose routes make it too large to send, to the byte', () => {
    const routes = Array.from({ length: 200 }, (_, index) => ({
      match: { path: { prefix: `/${index}/${'a'.repeat(1_250)}` } },
      backend: 'web',
    }));
    const encoded = (host: string) => Buffer.byteLength(JSON.stringify({ host, routes }));
    const padded = (bytes: number) => {
      const missing = bytes - encoded('a');
      const [first, ...rest] = routes;
      const prefix = `${first!.match.path.prefix}${'b'.repeat(missing)}`;
      return { backends, hosts: [{ host: 'a', routes: [{ ...first!, match: { path: { prefix } } }, ...rest] }] };
    };
    expect(codesOf(padded(262_144))).toEqual([]);
    expect(faultsOf(padded(262_145))).toEqual([
      expect.objectContaining({
        pointer: '/hosts/0',
        code: 'too_large',
        detail: 'it takes 262,145 bytes, more than 262,144',
      }),
    ]);
  });

  it('does not count the servers of a backend, which are objects of their own', () => {
    const servers = Array.from({ length: 10_000 }, (_, index) => ({
      address: `10.0.${index >> 8}.${index & 255}`,
      port: 80,
    }));
    expect(codesOf({ backends: [{ name: 'web', servers }], hosts: [] })).toEqual([]);
  });
});
