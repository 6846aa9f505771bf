import { balanceSchema, resolveBalance } from './balance.ts';

describe('balanceSchema', () => {
  it.each([
    { algorithm: 'least_connections' },
    { algorithm: 'consistent_hash' },
    { algorithm: 'consistent_hash', key: { source: 'path' }, loadFactorPercent: 0 },
    { algorithm: 'consistent_hash', key: { source: 'cookie', name: 'user' }, loadFactorPercent: 101 },
  ])('accepts %j', (document) => {
    expect(balanceSchema.safeParse(document).success).toBe(true);
  });

  it.each([
    {},
    { algorithm: 'magic' },
    { algorithm: 'random', key: { source: 'path' } },
    { algorithm: 'random', loadFactorPercent: 125 },
    { algorithm: 'consistent_hash', key: { source: 'header' } },
    { algorithm: 'consistent_hash', key: { source: 'path', name: 'x' } },
    { algorithm: 'consistent_hash', key: { source: 'body' } },
    { algorithm: 'consistent_hash', key: { source: 'header', name: 'X User' } },
    { algorithm: 'consistent_hash', loadFactorPercent: 100 },
  ])('refuses %j', (document) => {
    expect(balanceSchema.safeParse(document).success).toBe(false);
  });
});

describe('resolveBalance', () => {
  it('balances by weight when nothing is written', () => {
    expect(resolveBalance(undefined).algorithm).toBe('weighted_round_robin');
  });

  it('hashes the address of the client by default, and knows fields by their lower-case name', () => {
    expect(resolveBalance({ algorithm: 'consistent_hash' })).toEqual({
      algorithm: 'consistent_hash',
      key: { source: 'client_address', name: '' },
      loadFactorPercent: 125,
    });
    const key = { source: 'header', name: 'X-User' } as const;
    expect(resolveBalance({ algorithm: 'consistent_hash', key }).key).toEqual({ source: 'header', name: 'x-user' });
    const cookie = { source: 'cookie', name: 'User' } as const;
    expect(resolveBalance({ algorithm: 'consistent_hash', key: cookie }).key).toEqual(cookie);
  });
});
