import {
  booleanType,
  durationType,
  formatSocketAddress,
  integerType,
  labelsType,
  listenAddressType,
  listType,
  networkType,
  oneOfType,
  orOff,
  pathType,
  remoteAddressType,
  secretType,
  wordType,
  type SettingType,
} from './setting-types.ts';

/** The value, or "refused". */
function read<T>(type: SettingType<T>, text: string): T | string {
  const parsed = type.parse(text);
  if (parsed.ok) return parsed.value;
  expect([parsed.problem, parsed.fix]).not.toContain('');
  return 'refused';
}

describe('listenAddressType', () => {
  it.each([
    ['127.0.0.1:9001', '127.0.0.1', 9_001],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['localhost:0', 'localhost', 0],
    ['LOCALHOST:1', 'localhost', 1],
    ['[::1]:65535', '::1', 65_535],
    ['[FD00:0::1]:80', 'fd00::1', 80],
  ])('reads %s', (text, host, port) => {
    expect(read(listenAddressType, text)).toEqual({ host, port });
  });

  it.each([
    '',
    ':80',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:70000',
    '127.0.0.1:-1',
    '127.0.0.1:8o',
    '::1:80',
    '[::1]',
    'example.com:80',
    '0x7f.1:80',
    '010.0.0.1:80',
    ' 127.0.0.1:80',
    'http://127.0.0.1:80',
    '[localhost]:80',
  ])('refuses %j', (text) => {
    expect(read(listenAddressType, text)).toBe('refused');
  });
});

describe('remoteAddressType', () => {
  it.each([
    ['control-plane:9002', 'control-plane', 9_002],
    ['Headgate.example.com:443', 'headgate.example.com', 443],
    ['10.0.0.1:80', '10.0.0.1', 80],
    ['[::1]:80', '::1', 80],
  ])('reads %s', (text, host, port) => {
    expect(read(remoteAddressType, text)).toEqual({ host, port });
    expect(read(remoteAddressType, formatSocketAddress({ host, port }))).toEqual({ host, port });
  });

  it.each([
    'control-plane',
    'control-plane:0',
    'a b:80',
    '-a:80',
    'a..b:80',
    '127.1:80',
    '0x7f.0x1:80',
    '1.2.3.256:80',
    `${'a'.repeat(254)}:80`,
  ])('refuses %j', (text) => {
    expect(read(remoteAddressType, text)).toBe('refused');
  });
});

describe('orOff', () => {
  it('reads off as undefined and the rest as its type does', () => {
    const type = orOff(listenAddressType);
    expect(type.parse('off')).toEqual({ ok: true, value: undefined });
    expect(read(type, '127.0.0.1:0')).toEqual({ host: '127.0.0.1', port: 0 });
    expect(type.parse('on')).toMatchObject({ ok: false, fix: expect.stringContaining(', or off') as string });
  });
});

describe('durationType', () => {
  it('gives milliseconds between its bounds', () => {
    const type = durationType(100, 60_000);
    expect(['100ms', '1m', '2s'].map((text) => read(type, text))).toEqual([100, 60_000, 2_000]);
    for (const text of ['99ms', '61s', '-1s', '1 fortnight', '5', '']) expect(read(type, text)).toBe('refused');
    expect(type.parse('5')).toMatchObject({ problem: 'is not a duration from 100ms to 1m' });
  });
});

describe('integerType', () => {
  it('gives whole numbers between its bounds', () => {
    const type = integerType(-1, 1_000);
    expect(['-1', '0', '1000', '007'].map((text) => read(type, text))).toEqual([-1, 0, 1_000, 7]);
    for (const text of ['-2', '1001', '1.5', '1e2', '0x1', '', ' 1', '1_000', '9'.repeat(400)])
      expect(read(type, text)).toBe('refused');
  });
});

describe('booleanType', () => {
  it('reads true and false and nothing else', () => {
    expect([read(booleanType, 'true'), read(booleanType, 'false')]).toEqual([true, false]);
    for (const text of ['', '1', 'yes', 'TRUE', 'on']) expect(read(booleanType, text)).toBe('refused');
  });
});

describe('oneOfType', () => {
  it('reads its words', () => {
    const type = oneOfType(['token', 'none']);
    expect(read(type, 'none')).toBe('none');
    expect(type.parse('None')).toEqual({ ok: false, problem: 'is not known here', fix: 'write one of token, none' });
    expect(read(type, 'toString')).toBe('refused');
  });
});

describe('listType', () => {
  it('reads items separated by commas', () => {
    const type = listType(remoteAddressType);
    expect(read(type, 'a:1, b:2')).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ]);
    expect(read(type, ' ')).toEqual([]);
  });

  it('names the item that is wrong by its number alone', () => {
    expect(listType(integerType(0, 9)).parse('1,x,3')).toMatchObject({
      ok: false,
      problem: 'has an item (number 2) that is not a whole number from 0 to 9',
    });
    expect(read(listType(integerType(0, 9)), '1,,2')).toBe('refused');
  });
});

describe('labelsType', () => {
  it('reads labels', () => {
    expect(read(labelsType, 'zone=eu-1, rack=12,empty=,topology.kubernetes.io/zone=a')).toEqual({
      zone: 'eu-1',
      rack: '12',
      empty: '',
      'topology.kubernetes.io/zone': 'a',
    });
    expect(read(labelsType, '')).toEqual({});
  });

  it.each(['zone', '=a', 'a=b=c', 'a=1,a=2', 'a=b c', 'a,', '__proto__=1', `${'k'.repeat(64)}=1`])(
    'refuses %j',
    (text) => {
      expect(read(labelsType, text)).toBe('refused');
    },
  );

  it('takes no more than 64', () => {
    const labels = Array.from({ length: 65 }, (_, index) => `k${index}=v`);
    expect(read(labelsType, labels.join())).toBe('refused');
    expect(Object.keys(read(labelsType, labels.slice(1).join()))).toHaveLength(64);
  });
});

describe('pathType and wordType', () => {
  it('take paths as they are', () => {
    expect(read(pathType, './data dir/x')).toBe('./data dir/x');
    for (const text of ['', ' ', 'a\0b']) expect(read(pathType, text)).toBe('refused');
  });

  it('take words', () => {
    expect(read(wordType, 'edge-1.example:2')).toBe('edge-1.example:2');
    for (const text of ['', '-a', 'a b', 'a\n', 'a'.repeat(254)]) expect(read(wordType, text)).toBe('refused');
  });
});

describe('secretType', () => {
  it('wants 16 visible characters at least, and says nothing of what it got', () => {
    expect(read(secretType, 'abcdefghijklmnop')).toBe('abcdefghijklmnop');
    for (const text of [
      'short-secret',
      '',
      'with a space in it',
      'with\nnewline-1234567',
      'ü'.repeat(20),
      'x'.repeat(4_097),
    ]) {
      const parsed = secretType.parse(text);
      expect(parsed.ok).toBe(false);
      if (text !== '') expect(JSON.stringify(parsed)).not.toContain(text);
    }
  });
});

describe('networkType', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0', 'ipv4', 8],
    ['10.0.0.1', '10.0.0.1', 'ipv4', 32],
    ['0.0.0.0/0', '0.0.0.0', 'ipv4', 0],
    ['FD00::/8', 'fd00::', 'ipv6', 8],
    ['::1', '::1', 'ipv6', 128],
  ])('reads %s', (text, address, family, prefixLength) => {
    expect(read(networkType, text)).toEqual({ address, family, prefixLength });
  });

  it.each(['', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', 'localhost', '010.0.0.0/8'])(
    'refuses %j',
    (text) => {
      expect(read(networkType, text)).toBe('refused');
    },
  );
});
