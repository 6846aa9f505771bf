import { canonicalDnsName, canonicalHostName } from './host-name.ts';

const longest = [...Array<string>(3).fill('a'.repeat(63)), 'b'.repeat(61)].join('.');

describe('canonicalHostName', () => {
  it.each([
    ['localhost', 'localhost'],
    ['Web.Internal', 'web.internal'],
    ['a', 'a'],
    ['3com.example', '3com.example'],
    ['10.0.0.1.example', '10.0.0.1.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    [longest, longest],
  ])('%s is %s', (text, name) => {
    expect(canonicalHostName(text)).toBe(name);
  });

  it.each([
    '',
    '.',
    'web.',
    '.web',
    'web..internal',
    '-web',
    'web-',
    'web_1',
    'web internal',
    'bücher.example',
    '\u212aweb.example',
    '10.0.0.1',
    '10.1',
    '1',
    '0x7f.1',
    'web.0x7f',
    'web.123',
    'web:80',
    '[::1]',
    '::1',
    'web/x',
    'a'.repeat(64),
    `a.${longest}`,
  ])('%j is none', (text) => {
    expect(canonicalHostName(text)).toBeUndefined();
  });
});

describe('canonicalDnsName', () => {
  it('takes names of services', () => {
    expect(canonicalDnsName('_HTTP._tcp.web.internal')).toBe('_http._tcp.web.internal');
    expect(canonicalHostName('_http._tcp.web.internal')).toBeUndefined();
    expect(canonicalDnsName('10.0.0.1')).toBeUndefined();
  });
});
