import { createTrustedProxies } from './trusted-proxies.ts';

describe('createTrustedProxies', () => {
  it('trusts nobody by default', () => {
    expect(createTrustedProxies()('127.0.0.1')).toBe(false);
  });

  it('trusts the addresses of its networks, and says the same again', () => {
    const isTrusted = createTrustedProxies([
      { address: '10.1.0.0', prefixLength: 16, family: 'ipv4' },
      { address: 'fd00::', prefixLength: 8, family: 'ipv6' },
    ]);
    for (let round = 0; round < 2; round++) {
      expect(['10.1.2.3', '10.2.0.1', 'fd12::1', '2001:db8::1', ''].map(isTrusted)).toEqual([
        true,
        false,
        true,
        false,
        false,
      ]);
    }
  });
});
