import fc from 'fast-check';
import { normaliseHostPattern } from '../model/host-pattern.ts';
import { normaliseAuthority } from './normalise-authority.ts';

describe('normaliseAuthority', () => {
  it.each([
    ['app.example.com', 'app.example.com'],
    ['App.EXAMPLE.com', 'app.example.com'],
    ['app.example.com:8080', 'app.example.com'],
    ['app.example.com.', 'app.example.com'],
    ['APP.example.com.:443', 'app.example.com'],
    ['localhost', 'localhost'],
    ['under_score.example', 'under_score.example'],
    ['xn--mnchen-3ya.de', 'xn--mnchen-3ya.de'],
    ['127.0.0.1:65535', '127.0.0.1'],
    ['example.com:0', 'example.com'],
    ['example.com:', 'example.com'],
    ['[::1]', '[::1]'],
    ['[::1]:8080', '[::1]'],
    ['[2001:DB8:0:0::1]:80', '[2001:db8::1]'],
    ['[::ffff:10.0.0.1]', '10.0.0.1'],
  ])('takes %s for %s', (header, name) => {
    expect(normaliseAuthority(header)).toBe(name);
  });

  it.each([
    '',
    '.',
    '..',
    ':80',
    '.:80',
    'a..b',
    '.a',
    'a..',
    ' a',
    'a ',
    'a b',
    'a\tb',
    'a\u0000',
    'user@example.com',
    'user:pass@example.com',
    'example.com/path',
    'example.com?x',
    'example.com#x',
    'a,b',
    'a.example, b.example',
    '*',
    '*.example.com',
    'a%2eb',
    'a\\b',
    'münchen.de',
    'a\u212a.com',
    'example.com:65536',
    'example.com:99999999999999999999',
    'example.com:80a',
    'example.com:-1',
    'example.com:80:80',
    'example.com: 80',
    '::1',
    '[]',
    '[',
    '[::1',
    '[::1]80',
    '[::1]:x',
    '[::1%eth0]',
    '[10.0.0.1]',
    '[example.com]',
    '[[::1]]',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(127)}ab`,
    'a'.repeat(100_000),
    `[${':'.repeat(100_000)}]`,
  ])('refuses %j', (header) => {
    expect(normaliseAuthority(header)).toBeUndefined();
  });

  it('accepts the longest name and label that DNS has', () => {
    const label = 'a'.repeat(63);
    const name = `${label}.${label}.${label}.${'a'.repeat(61)}`;
    expect(name).toHaveLength(253);
    expect(normaliseAuthority(`${name}.:65535`)).toBe(name);
    expect(normaliseAuthority(`${name}a`)).toBeUndefined();
  });

  it('is done with its own results', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.domain(),
          fc.ipV4(),
          fc.string(),
          fc.ipV6().map((address) => `[${address}]`),
        ),
        (header) => {
          const name = normaliseAuthority(header);
          fc.pre(name !== undefined);
          expect(normaliseAuthority(name)).toBe(name);
        },
      ),
    );
  });

  it('spells every exact host as its pattern is spelled, with any case, port and trailing dot', () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    );
    fc.assert(
      fc.property(host, fc.boolean(), fc.option(fc.nat(65_535)), (written, upper, port) => {
        const pattern = normaliseHostPattern(written);
        fc.pre(pattern !== undefined);
        const header = `${upper ? written.toUpperCase() : written}${port === null ? '' : `:${port}`}`;
        expect(normaliseAuthority(header)).toBe(pattern);
        expect(normaliseAuthority(pattern)).toBe(pattern);
      }),
    );
  });
});
