import { isLoopbackAddress } from './loopback.ts';

describe('isLoopbackAddress', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '::1',
    '[::1]',
    '0:0::1',
    '::ffff:127.0.0.1',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'demo.localhost',
  ])('knows %s', (host) => {
    expect(isLoopbackAddress(host)).toBe(true);
  });

  it.each([
    '',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '::2',
    '::ffff:10.0.0.1',
    'localhost.example.com',
    '127.0.0.1.example.com',
    'notlocalhost',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    'localhost:80',
  ])('does not take %j for one', (host) => {
    expect(isLoopbackAddress(host)).toBe(false);
  });
});
