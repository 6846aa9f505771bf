import { clientAddressBehind, nothingForwarded, readForwardedFields } from './client-identity.ts';

const isTrusted = (address: string): boolean => address.startsWith('10.');
const behind = (forwardedFor: string, realIp = ''): string =>
  clientAddressBehind('10.0.0.1', { ...nothingForwarded, forwardedFor, realIp }, isTrusted);

describe('clientAddressBehind', () => {
  it('is the rightmost address that no trusted proxy has', () => {
    expect(behind('6.6.6.6, 198.51.100.7, 10.0.0.2')).toBe('198.51.100.7');
  });

  it('is the leftmost when all are trusted, and the peer when nothing is said', () => {
    expect(behind('10.0.0.3, 10.0.0.2')).toBe('10.0.0.3');
    expect(behind('')).toBe('10.0.0.1');
  });

  it('stops at what is no address: what stands left of it was not checked by anybody', () => {
    expect(behind('198.51.100.7, unknown, 10.0.0.2')).toBe('10.0.0.2');
  });

  it('understands ports and IPv6', () => {
    expect(behind('198.51.100.7:4711')).toBe('198.51.100.7');
    expect(behind('[2001:DB8::1]:80')).toBe('2001:db8::1');
  });

  it('takes X-Real-IP when there is no list', () => {
    expect(behind('', ' 198.51.100.9')).toBe('198.51.100.9');
    expect(behind('', 'nonsense')).toBe('10.0.0.1');
  });
});

describe('readForwardedFields', () => {
  it('joins repeated lists', () => {
    const fields = readForwardedFields([
      'X-Forwarded-For',
      '1.1.1.1',
      'x-forwarded-for',
      '2.2.2.2',
      'X-Forwarded-Proto',
      'https',
    ]);
    expect(fields).toEqual({ forwardedFor: '1.1.1.1, 2.2.2.2', proto: 'https', host: '', realIp: '' });
  });
});
