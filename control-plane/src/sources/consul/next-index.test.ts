import { nextIndex } from './next-index.ts';

describe('nextIndex', () => {
  it.each([
    ['goes on', 5n, '9', 9n],
    ['stands still', 9n, '9', 9n],
    ['keeps all 64 bits', 5n, '18446744073709551615', 18_446_744_073_709_551_615n],
    ['reads anew when it goes backwards', 9n, '8', 0n],
    ['reads anew when it falls to 0', 9n, '0', 0n],
    ['never sends 0 back', 0n, '0', 1n],
  ])('%s', (_what, previous, header, next) => {
    expect(nextIndex(previous, header)).toBe(next);
  });

  it.each([undefined, '', '-1', '1.5', '0x10', '9'.repeat(21)])('is none for %j', (header) => {
    expect(nextIndex(0n, header)).toBeUndefined();
  });
});
