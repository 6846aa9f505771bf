import { networkType, type Network } from '@headgate/shared/config/setting-types';
import { startApi, type ApiFixture, type ApiFixtureOptions } from './api-fixture.cases.ts';

/** Spellings of one refused address, or of an address of the same kind. */
const refused = [
  ['169.254.169.254', 'the metadata service'],
  ['::ffff:169.254.169.254', 'IPv4-mapped'],
  ['::FFFF:A9FE:A9FE', 'IPv4-mapped in hexadecimal'],
  ['[::ffff:a9fe:a9fe]', 'IPv4-mapped in brackets'],
  ['0:0:0:0:0:ffff:169.254.169.254', 'IPv4-mapped, written out'],
  ['::169.254.169.254', 'IPv4-compatible'],
  ['64:ff9b::a9fe:a9fe', 'NAT64'],
  ['64:ff9b:1::a9fe:a9fe', 'NAT64 of a local network'],
  ['2002:a9fe:a9fe::1', '6to4'],
  ['fd00:ec2::254', 'the metadata service by IPv6'],
  ['FD00:0EC2:0:0:0:0:0:254', 'the metadata service by IPv6, written out'],
  ['100.100.100.200', 'another metadata service'],
  ['168.63.129.16', 'another metadata service'],
  ['169.254.0.1', 'link-local'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'link-local'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['::', 'unspecified'],
  ['::ffff:0.0.0.0', 'unspecified, IPv4-mapped'],
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
] as const;

/** What other programs take for addresses, and this one does not. */
const noAddresses = [
  '0251.0376.0251.0376',
  '0xa9.0xfe.0xa9.0xfe',
  '0xa9fea9fe',
  '2852039166',
  '025177524776',
  '169.254.43518',
  '169.16689662',
  '169.254.169.254.',
  ' 169.254.169.254',
  '169.254.169.254%00',
  'fe80::1%eth0',
  '①⑥⑨.254.169.254',
  '169。254。169。254',
  'http://169.254.169.254',
  '169.254.169.254:80',
  'user@169.254.169.254',
];

describe('addresses where nobody may send this system', () => {
  const open: ApiFixture[] = [];
  afterEach(async () => {
    for (const api of open.splice(0)) await api.close();
  });

  async function start(addresses: ApiFixtureOptions['addresses'] = {}): Promise<ApiFixture> {
    const api = await startApi({ addresses });
    open.push(api);
    const servers = [{ address: '10.0.0.1', port: 80 }];
    expect((await api.send('POST', '/api/v1/backends', { body: { name: 'web', servers } })).status).toBe(201);
    return api;
  }

  it('are refused in every spelling, with what to do about it', async () => {
    const api = await start();
    for (const [address, kind] of refused) {
      const got = await api.send('POST', '/api/v1/backends/web/servers', { body: { address, port: 80 } });
      expect([kind, got.status, faultsOf(got.body)]).toEqual([
        kind,
        422,
        [['/address', 'refused_address', expect.stringContaining('HEADGATE_ALLOWED_NETWORKS')]],
      ]);
    }
    expect((await api.send('GET', '/api/v1/backends/web/servers')).body).toMatchObject({ items: { length: 1 } });
  });

  it('are no addresses in the spellings that only some programs understand', async () => {
    const api = await start();
    for (const address of noAddresses) {
      const got = await api.send('POST', '/api/v1/backends/web/servers', { body: { address, port: 80 } });
      expect([address, got.status, faultsOf(got.body).map(([pointer]) => pointer)]).toEqual([
        address,
        422,
        ['/address'],
      ]);
    }
  });

  it('are refused behind a name as far as it is known here what it means', async () => {
    const api = await start({ own: [{ address: '127.0.0.1', port: 9001 }] });
    const add = async (address: string, port: number): Promise<number> =>
      (await api.send('POST', '/api/v1/backends/web/servers', { body: { address, port } })).status;
    expect(await add('localhost', 9001)).toBe(422);
    expect(await add('API.localhost', 9001)).toBe(422);
    expect(await add('localhost', 9005)).toBe(201);
    // Data planes look names up, and refuse such addresses then.
    expect(await add('metadata.google.internal', 80)).toBe(201);
  });

  it('are refused in whichever way a server comes', async () => {
    const api = await start();
    const bad = { address: '::ffff:169.254.169.254', port: 80 };
    const good = { address: '10.0.0.2', port: 80 };
    const backend = { name: 'other', servers: [good, bad] };
    const config = { backends: [{ name: 'z', servers: [good] }, backend], hosts: [] };
    const article = { backends: [{ backend_name: 'other', servers: [{ addr: bad.address, port: 80 }] }], hosts: [] };
    const attempts: readonly (readonly [string, string, unknown, string])[] = [
      ['POST', '/api/v1/backends', backend, '/servers/1/address'],
      ['PUT', '/api/v1/backends/other', backend, '/servers/1/address'],
      ['PATCH', '/api/v1/backends/web', { servers: [bad] }, '/servers/0/address'],
      ['POST', '/api/v1/backends/web/servers', bad, '/address'],
      ['PUT', '/api/v1/backends/web/servers/169.254.169.254:80', {}, '/address'],
      ['PUT', '/api/v1/config', config, '/backends/1/servers/1/address'],
      ['PUT', '/api/v1/config', article, '/backends/0/servers/0/addr'],
    ];
    const before = (await api.send('GET', '/api/v1/config')).body;
    for (const [method, path, body, pointer] of attempts) {
      for (const query of ['', '?dryRun=true', '?force=true']) {
        const headers = { 'Content-Type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
        const got = await api.send(method, path + query, { body, headers });
        expect([method, path, got.status, faultsOf(got.body).map(([place, code]) => [place, code])]).toEqual([
          method,
          path,
          422,
          [[pointer, 'refused_address']],
        ]);
      }
    }
    expect((await api.send('GET', '/api/v1/config')).body).toEqual(before);
  });

  it('are told together with all other faults', async () => {
    const api = await start();
    const servers = [
      { address: 'fe80::1', port: 80 },
      { address: '10.0.0.2', port: 0 },
    ];
    const body = { backends: [{ name: 'web', servers }], hosts: [{ host: 'a.example', backend: 'wbe' }] };
    const faults = faultsOf((await api.send('PUT', '/api/v1/config', { body })).body);
    expect(faults.map(([pointer]) => pointer).sort()).toEqual([
      '/backends/0/servers/0/address',
      '/backends/0/servers/1/port',
      '/hosts/0/backend',
    ]);
  });

  it('include our own listeners, and not other ports of this machine', async () => {
    const own = [
      { address: '127.0.0.1', port: 9_001 },
      { address: '0.0.0.0', port: 9_002 },
    ];
    const api = await start({ own, localAddresses: ['192.0.2.7', '2001:db8::7'] });
    const put = async (address: string, port: number): Promise<number> =>
      (await api.send('POST', '/api/v1/backends/web/servers', { body: { address, port } })).status;
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1'])
      expect(await put(address, 9_001)).toBe(422);
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '192.0.2.7', '2001:db8::7'])
      expect(await put(address, 9_002)).toBe(422);
    expect(await put('127.0.0.1', 8_080)).toBe(201);
    expect(await put('192.0.2.7', 9_001)).toBe(201);
    expect(await put('192.0.2.8', 9_002)).toBe(201);
  });

  it('may be allowed by whoever runs the process', async () => {
    const api = await start({ allow: [network('169.254.10.0/24'), network('fe80::/64')] });
    const put = async (address: string): Promise<number> =>
      (await api.send('POST', '/api/v1/backends/web/servers', { body: { address, port: 80 } })).status;
    expect(await put('169.254.10.9')).toBe(201);
    expect(await put('fe80::9')).toBe(201);
    expect(await put('169.254.11.9')).toBe(422);
    expect(await put('fe80:0:0:1::9')).toBe(422);
  });

  it('do not come back by a rollback', async () => {
    const addresses = { allow: [network('169.254.10.0/24')] };
    const api = await start(addresses);
    const server = { address: '169.254.10.9', port: 80 };
    const { body } = await api.send('POST', '/api/v1/backends/web/servers', { body: server });
    await api.send('DELETE', '/api/v1/backends/web/servers/169.254.10.9:80');
    addresses.allow.splice(0);
    const to = (body as { revision: number }).revision;
    const got = await api.send('POST', '/api/v1/rollback', { body: { to } });
    expect([got.status, faultsOf(got.body).map(([pointer, code]) => [pointer, code])]).toEqual([
      422,
      [['/backends/web/servers/169.254.10.9:80', 'refused_address']],
    ]);
  });
});

function network(text: string): Network {
  const parsed = networkType.parse(text);
  if (!parsed.ok) throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}

function faultsOf(body: unknown): readonly (readonly [string, string, string])[] {
  const { errors } = body as { errors: readonly { pointer: string; code: string; fix: string }[] };
  return errors.map(({ pointer, code, fix }) => [pointer, code, fix]);
}
