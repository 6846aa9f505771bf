import { formatEndpoint } from './address.ts';
import { canonicalServerAddress, isLocalName, parseServerEndpoint } from './server-address.ts';

describe('canonicalServerAddress', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['[FD00:0::1]', 'fd00::1'],
    ['Web.Internal', 'web.internal'],
    ['localhost', 'localhost'],
  ])('%s is %s', (text, address) => {
    expect(canonicalServerAddress(text)).toBe(address);
  });

  it.each(['', '10.0.0', '010.0.0.1', 'web.internal.', 'web_1', 'fe80::1%eth0', '[web]'])('%j is none', (text) => {
    expect(canonicalServerAddress(text)).toBeUndefined();
  });
});

describe('parseServerEndpoint', () => {
  it.each([
    ['Web.Internal:8080', 'web.internal', 8080],
    ['10.0.0.1:80', '10.0.0.1', 80],
    ['[FD00:0::1]:65535', 'fd00::1', 65_535],
  ])('%s is %s and %i, and back', (text, address, port) => {
    expect(parseServerEndpoint(text)).toEqual({ address, port });
    expect(parseServerEndpoint(formatEndpoint(address, port))).toEqual({ address, port });
  });

  it.each([
    'web.internal',
    'web.internal:',
    'web.internal:0',
    'web.internal:080',
    'web.internal:65536',
    '[web]:80',
    'a b:80',
  ])('%j is none', (text) => {
    expect(parseServerEndpoint(text)).toBeUndefined();
  });
});

describe('isLocalName', () => {
  it('knows localhost and what is below it', () => {
    expect(['localhost', 'api.localhost', 'notlocalhost', 'localhost.example'].map(isLocalName)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
