import fc from 'fast-check';
import { normaliseHostPattern } from './host-pattern.ts';

describe('normaliseHostPattern', () => {
  it.each([
    ['app.example.com', 'app.example.com'],
    ['App.Example.COM', 'app.example.com'],
    ['app.example.com.', 'app.example.com'],
    ['app.example.com:8080', 'app.example.com'],
    ['app.example.com.:8080', 'app.example.com'],
    ['münchen.de', 'xn--mnchen-3ya.de'],
    ['MÜNCHEN.de', 'xn--mnchen-3ya.de'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['_dmarc.example.com', '_dmarc.example.com'],
    ['localhost', 'localhost'],
    ['*', '*'],
    ['*.example.com', '*.example.com'],
    ['*.Example.com.:80', '*.example.com'],
    ['*.münchen.de', '*.xn--mnchen-3ya.de'],
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1:80', '10.0.0.1'],
    ['[::1]', '[::1]'],
    ['[2001:DB8::1]:80', '[2001:db8::1]'],
    ['[::ffff:10.0.0.1]', '10.0.0.1'],
  ])('spells %s as %s', (text, pattern) => {
    expect(normaliseHostPattern(text)).toBe(pattern);
  });

  it.each([
    '',
    '.',
    ':80',
    '.example.com',
    'a..b',
    'a b',
    'a\tb',
    'a\u0000b',
    'a/b',
    'user@a',
    'http://a',
    'a?b',
    'a#b',
    'a%2eb',
    'a\\b',
    '**',
    '*.',
    '*.*',
    '*.*.com',
    '**.example.com',
    'a.*.com',
    '*example.com',
    'app*',
    '-a.com',
    'a-.com',
    '0x7f.1',
    '127.1',
    '010.0.0.1',
    '2130706433',
    '１２７.0.0.1',
    '256.0.0.1',
    '*.10.0.0.1',
    '*.1',
    'a:65536',
    'a:80:80',
    'a:',
    '::1',
    '[::1',
    '[]',
    '[::1%eth0]',
    '[::1]x',
    `${'a'.repeat(64)}.com`,
    'a.'.repeat(127) + 'ab',
    'xn--a-ecp.ru\u0000',
  ])('refuses %j', (text) => {
    expect(normaliseHostPattern(text)).toBeUndefined();
  });

  it('refuses what is far too long before it looks at it', () => {
    expect(normaliseHostPattern('ü'.repeat(8_000_000))).toBeUndefined();
  });

  it('is done with its own results', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.domain(),
          fc.string(),
          fc.ipV4(),
          fc.domain().map((name) => `*.${name}`),
        ),
        (text) => {
          const pattern = normaliseHostPattern(text);
          fc.pre(pattern !== undefined);
          expect(normaliseHostPattern(pattern)).toBe(pattern);
        },
      ),
    );
  });
});
