import fc from 'fast-check';
import { canonicalAddress, formatEndpoint, parseEndpoint } from './address.ts';

describe('canonicalAddress', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::0001:0', '2001:db8::1:0'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:0a00:0001', '10.0.0.1'],
    ['::', '::'],
  ])('spells %s as %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each([
    '',
    'localhost',
    'example.com',
    '0x7f.1',
    '0x7f.0.0.1',
    '010.0.0.1',
    '10.0.0.01',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1.',
    ' 10.0.0.1',
    '10.0.0.1\n',
    '167772161',
    '[10.0.0.1]',
    '10.0.0.1:80',
    'fe80::1%eth0',
    '[fe80::1%25eth0]',
    ':::',
    '1::2::3',
    '::1]',
    'a'.repeat(1_000_000),
  ])('refuses %.40j', (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });

  it('is done with its own results, and has one spelling for every spelling of an address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const canonical = canonicalAddress(address);
        expect(canonical).toBeDefined();
        expect(canonicalAddress(canonical!)).toBe(canonical);
        expect(canonicalAddress(address.toUpperCase())).toBe(canonical);
      }),
    );
  });
});

describe('parseEndpoint', () => {
  it('reads back what formatEndpoint writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }), (text, port) => {
        const address = canonicalAddress(text)!;
        expect(parseEndpoint(formatEndpoint(address, port))).toEqual({ address, port });
      }),
    );
  });

  it('makes the address canonical', () => {
    expect(parseEndpoint('[::ffff:10.0.0.1]:80')).toEqual({ address: '10.0.0.1', port: 80 });
    expect(parseEndpoint('[FD00:0::1]:80')).toEqual({ address: 'fd00::1', port: 80 });
  });

  it.each([
    '',
    '10.0.0.1',
    '10.0.0.1:',
    '10.0.0.1:0',
    '10.0.0.1:70000',
    '10.0.0.1:080',
    '10.0.0.1:8x',
    '::1:80',
    'fd00::1',
    'web:80',
    '[10.0.0.1]:80',
    '0x7f.1:80',
  ])('refuses %j', (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });
});
