import fc from 'fast-check';
import { networkType, type Network } from '../config/setting-types.ts';
import { canonicalAddress } from './address.ts';
import { compileAddressPolicy, refusedAddress, type AddressPolicyOptions } from './address-policy.ts';

type Words = readonly number[];

function policy(options: Partial<AddressPolicyOptions> = {}) {
  return compileAddressPolicy({ own: [], localAddresses: [], allow: [], allowSetting: 'HEADGATE_TEST', ...options });
}

const open = policy();

function codeOf(address: string, { port = 80, under = open } = {}): string | undefined {
  return refusedAddress({ address, port }, under)?.code;
}

function network(text: string): Network {
  const parsed = networkType.parse(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

// Numbers and spellings are made here by arithmetic of their own, so that a fault of the code does not hide itself.

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** An IPv4 address as two words of IPv6. */
function words(value: number): Words {
  return [value >>> 16, value & 0xffff];
}

/** A value of `bits` bits whose first `prefixLength` are those of `base`. */
function inside(base: bigint, bits: number, prefixLength: number): fc.Arbitrary<bigint> {
  const free = BigInt(bits - prefixLength);
  return fc.bigInt({ min: 0n, max: (1n << free) - 1n }).map((rest) => ((base >> free) << free) | rest);
}

function insideIPv4(text: string): fc.Arbitrary<number> {
  const [address = '', length] = text.split('/');
  const base = address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  return inside(base, 32, Number(length)).map(Number);
}

function insideIPv6(head: Words, prefixLength: number): fc.Arbitrary<Words> {
  const base = Array.from({ length: 8 }, (_, index) => head[index] ?? 0);
  const value = base.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n);
  return inside(value, 128, prefixLength).map((result) =>
    base.map((_, index) => Number((result >> BigInt(16 * (7 - index))) & 0xffffn)),
  );
}

/** Every way to write an IPv6 address: letters' case, leading zeros, a run left out, a dotted tail, brackets. */
function spellings(address: Words): fc.Arbitrary<string> {
  const look = fc.record({
    upper: fc.boolean(),
    width: fc.integer({ min: 1, max: 4 }),
    tail: fc.boolean(),
    brackets: fc.boolean(),
    from: fc.integer({ min: 0, max: 7 }),
    length: fc.integer({ min: 0, max: 8 }),
  });
  return look.map(({ upper, width, tail, brackets, from, length }) => {
    const text = address.map((word) => word.toString(16).padStart(width, '0'));
    const groups = tail ? [...text.slice(0, 6), dotted(((address[6] ?? 0) << 16) | (address[7] ?? 0))] : text;
    const until = Math.min(from + length, tail ? 6 : 8);
    const zeros = until > from && address.slice(from, until).every((word) => word === 0);
    const spelled = zeros ? `${groups.slice(0, from).join(':')}::${groups.slice(until).join(':')}` : groups.join(':');
    const cased = upper ? spelled.toUpperCase() : spelled;
    return brackets ? `[${cased}]` : cased;
  });
}

const refusedIPv4 = {
  '169.254.0.0/16': 'link_local_address',
  '0.0.0.0/8': 'unspecified_address',
  '224.0.0.0/4': 'multicast_address',
  '255.255.255.255/32': 'broadcast_address',
  '169.254.169.254/32': 'metadata_address',
  '168.63.129.16/32': 'metadata_address',
  '100.100.100.200/32': 'metadata_address',
};

const anyWord = fc.integer({ min: 0, max: 0xffff });

/** IPv6 addresses that lead to an IPv4 one. */
const forms: Readonly<Record<string, (value: number) => fc.Arbitrary<Words>>> = {
  'IPv4-mapped': (value) => fc.constant([0, 0, 0, 0, 0, 0xffff, ...words(value)]),
  'IPv4-compatible': (value) => fc.constant([0, 0, 0, 0, 0, 0, ...words(value)]),
  'IPv4-translated': (value) => fc.constant([0, 0, 0, 0, 0xffff, 0, ...words(value)]),
  NAT64: (value) => fc.constant([0x64, 0xff9b, 0, 0, 0, 0, ...words(value)]),
  'local-use NAT64': (value) =>
    fc.tuple(anyWord, anyWord, anyWord).map((middle) => [0x64, 0xff9b, 1, ...middle, ...words(value)]),
  '6to4': (value) =>
    fc.array(anyWord, { minLength: 5, maxLength: 5 }).map((rest) => [0x2002, ...words(value), ...rest]),
  "a Teredo server's": (value) =>
    fc.array(anyWord, { minLength: 4, maxLength: 4 }).map((rest) => [0x2001, 0, ...words(value), ...rest]),
  "a Teredo client's": (value) =>
    fc.tuple(anyWord, anyWord).map((port) => [0x2001, 0, 0x0808, 0x0808, ...port, ...words(~value)]),
  ISATAP: (value) =>
    fc
      .tuple(anyWord, anyWord, anyWord, fc.constantFrom(0, 0x200))
      .map(([a, b, c, scope]) => [0x2a00, a, b, c, scope, 0x5efe, ...words(value)]),
};

/** In the local-use prefix the place is not known, and zeros mean nothing. */
function formsOf(refused: string): readonly (readonly [string, (typeof forms)[string]])[] {
  return Object.entries(forms).filter(([name]) => refused !== '0.0.0.0/8' || name !== 'local-use NAT64');
}

/** `~value` is negative: back to 32 bits without a sign, by words. */
function unsigned(address: Words): Words {
  return address.map((word) => word & 0xffff);
}

describe('refusedAddress', () => {
  describe.each(Object.entries(refusedIPv4))('for %s', (text, code) => {
    const codes = text === '169.254.0.0/16' ? [code, 'metadata_address'] : [code];

    it('refuses every address inside', () => {
      fc.assert(fc.property(insideIPv4(text), (value) => codes.includes(codeOf(dotted(value)) ?? '')));
    });

    it.each(formsOf(text))('refuses every address inside in every spelling of the %s form', (_, form) => {
      const spelled = insideIPv4(text)
        // :: and ::1 are IPv6's own unspecified and loopback addresses, not IPv4-compatible ones.
        .filter((value) => value > 1)
        .chain(form)
        .chain((address) => spellings(unsigned(address)));
      fc.assert(
        fc.property(spelled, (spelling) => {
          const canonical = canonicalAddress(spelling) ?? 'none';
          expect(canonical).not.toBe('none');
          expect([undefined, 'invalid_address']).not.toContain(codeOf(canonical));
          expect(codeOf(spelling)).toBe(codeOf(canonical));
        }),
      );
    });
  });

  it.each([
    ['fe80::/10', [0xfe80], 10, 'link_local_address'],
    ['::', [], 128, 'unspecified_address'],
    ['ff00::/8', [0xff00], 8, 'multicast_address'],
    ['fd00:ec2::/32', [0xfd00, 0xec2], 32, 'metadata_address'],
    ['fd20:ce::254', [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128, 'metadata_address'],
    ['fd00:c1::a9fe:a9fe', [0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128, 'metadata_address'],
  ])('refuses every address inside %s in every spelling', (_, head, prefixLength, code) => {
    const spelled = insideIPv6(head, prefixLength).chain(spellings);
    fc.assert(fc.property(spelled, (spelling) => codeOf(spelling) === code));
  });

  it.each([
    ['the link-local address in a local-use NAT64 prefix of 48 bits', '64:ff9b:1:a9fe:a9:fe00::'],
    ['the link-local address in a local-use NAT64 prefix of 56 bits', '64:ff9b:1:12a9:fe:a9fe::'],
    ['the link-local address in a local-use NAT64 prefix of 64 bits', '64:ff9b:1:1234:a9:fea9:fe00:0'],
  ])('refuses %s', (_, address) => {
    expect(codeOf(address)).toBe('metadata_address');
  });

  it('refuses nothing else: addresses of servers, private ones and loopback', () => {
    const refused = (value: number): boolean => {
      const first = value >>> 24;
      return first === 0 || (first >= 224 && first < 240) || value >>> 16 === 0xa9fe || value === 0xffffffff;
    };
    const rare = ['168.63.129.16', '100.100.100.200', '192.0.0.192'];
    const usable = fc
      .integer({ min: 0, max: 0xffffffff })
      .filter((value) => !refused(value) && !rare.includes(dotted(value)));
    fc.assert(fc.property(usable, (value) => codeOf(dotted(value)) === undefined));
    fc.assert(
      fc.property(
        usable.chain((value) => spellings([0x64, 0xff9b, 0, 0, 0, 0, ...words(value)])),
        (address) => codeOf(address) === undefined,
      ),
    );
    const plain = [
      '127.0.0.1',
      '::1',
      '10.0.0.1',
      'fd00::11',
      '2001:db8::1',
      '2a00:1450:4001::1',
      '64:ff9b:1::a00:1',
      '64:ff9b:1:a00:0:100::',
    ];
    expect(plain.filter((address) => codeOf(address) !== undefined)).toEqual([]);
  });

  it.each([
    '0251.0376.0251.0376',
    '0xa9.0xfe.0xa9.0xfe',
    '0xa9fea9fe',
    '2852039166',
    '025177524776',
    '169.254.43518',
    '169.16689662',
    '169.254.169.254.',
    ' 169.254.169.254',
    '169.254.169.254%eth0',
    'fe80::1%eth0',
    '::ffff:0xa9.0xfe.0xa9.0xfe',
    '::ffff:0251.0376.0251.0376',
    '①⑥⑨.254.169.254',
    'localhost',
    '',
  ])('refuses %j, which is no spelling of an address here', (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
    expect(codeOf(text)).toBe('invalid_address');
  });

  it('says which address is meant and which setting allows it', () => {
    const refusal = refusedAddress({ address: '64:ff9b::a9fe:a9fe', port: 80 }, open);
    expect(refusal).toEqual({
      code: 'metadata_address',
      detail:
        '64:ff9b::a9fe:a9fe, that is 169.254.169.254, gives out the credentials of a cloud machine, and connections there are refused',
      fix: 'use the address of a server; where this is one, an operator of the process allows it by HEADGATE_TEST',
    });
  });
});

describe('the own listeners', () => {
  const own = [
    { address: '127.0.0.1', port: 9001 },
    { address: '10.1.2.3', port: 9002 },
    { address: '[FD00::1]', port: 9003 },
    { address: 'localhost', port: 9004 },
  ];
  const localAddresses = ['127.0.0.1', '::1', '10.1.2.3', 'fd00::1', 'fe80::1%eth0'];

  it('are refused on their ports in every form of their addresses, and no other port is', () => {
    const under = policy({ own, localAddresses });
    const refused: readonly (readonly [string, number])[] = [
      ['127.0.0.1', 9001],
      ['::ffff:127.0.0.1', 9001],
      ['64:ff9b::7f00:1', 9001],
      ['10.1.2.3', 9002],
      ['::ffff:a01:203', 9002],
      ['2002:a01:203::1', 9002],
      ['fd00:0:0:0:0:0:0:1', 9003],
      ['127.0.0.1', 9004],
      ['::1', 9004],
    ];
    for (const [address, port] of refused) {
      expect([address, codeOf(address, { port, under })]).toEqual([address, 'own_address']);
      expect([address, codeOf(address, { port: 9005, under })]).toEqual([address, undefined]);
    }
    expect(codeOf('127.0.0.2', { port: 9001, under })).toBeUndefined();
    expect(codeOf('10.1.2.4', { port: 9002, under })).toBeUndefined();
  });

  it.each(['0.0.0.0', '::', '[::]', '0:0:0:0:0:0:0:0'])('on %s are refused on every local address', (address) => {
    const under = policy({ own: [{ address, port: 9001 }], localAddresses });
    for (const local of ['127.0.0.1', '127.9.9.9', '::1', '10.1.2.3', 'fd00::1', '::ffff:10.1.2.3']) {
      expect([local, codeOf(local, { port: 9001, under })]).toEqual([local, 'own_address']);
      expect([local, codeOf(local, { port: 9002, under })]).toEqual([local, undefined]);
    }
    expect(codeOf('10.1.2.4', { port: 9001, under })).toBeUndefined();
  });
});

describe('what operators allow', () => {
  it.each([
    ['169.254.0.0/16', '169.254.169.254', '169.254.169.253'],
    ['169.254.7.0/24', '169.254.7.9', '64:ff9b::a9fe:709'],
    ['fe80::/10', 'fe80::1', 'febf::1'],
    ['fd00:ec2::254', 'fd00:ec2::254', 'FD00:EC2:0::254'],
    ['0.0.0.0/0', '224.0.0.1', '::ffff:224.0.0.1'],
    ['64:ff9b::/96', '64:ff9b::a9fe:a9fe', '64:ff9b::1'],
    ['127.0.0.1', '127.0.0.1', '::ffff:127.0.0.1'],
  ])('as %s is not refused', (text, ...addresses) => {
    const under = policy({ allow: [network(text)], own: [{ address: '127.0.0.1', port: 80 }] });
    expect(addresses.map((address) => codeOf(address, { under }))).toEqual([undefined, undefined]);
  });

  it('leaves all the rest refused', () => {
    const under = policy({ allow: [network('169.254.7.0/24'), network('fe80::1')] });
    const others = ['169.254.8.1', '169.254.169.254', 'fe80::2', '0.0.0.0', '2002:a9fe:801::1'];
    expect(others.filter((address) => codeOf(address, { under }) === undefined)).toEqual([]);
  });
});
