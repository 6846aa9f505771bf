import {
  longestTtlMs,
  registrationListSchema,
  registrationSchema,
  resolveRegistration,
  serverRegistrationSchema,
} from './registration.ts';

describe('resolveRegistration', () => {
  it('fills in the defaults', () => {
    expect(resolveRegistration({})).toEqual({ ttlMs: 30_000, networks: [], maxServers: 10_000 });
  });

  it('reads networks and durations', () => {
    const document = { ttl: '2s', networks: ['10.0.0.0/8', 'FD00::/8', '192.0.2.1'], maxServers: 3 };
    expect(registrationSchema.safeParse(document).success).toBe(true);
    expect(resolveRegistration(document)).toEqual({
      ttlMs: 2_000,
      networks: [
        { address: '10.0.0.0', family: 'ipv4', prefixLength: 8 },
        { address: 'fd00::', family: 'ipv6', prefixLength: 8 },
        { address: '192.0.2.1', family: 'ipv4', prefixLength: 32 },
      ],
      maxServers: 3,
    });
  });

  it.each([
    { ttl: '1s' },
    { ttl: '61m' },
    { ttl: 30 },
    { networks: ['10.0.0.0/33'] },
    { networks: ['intranet'] },
    { networks: '10.0.0.0/8' },
    { maxServers: 0 },
    { maxServers: 10_001 },
    { interval: '10s' },
  ])('refuses %j', (document) => {
    expect(registrationSchema.safeParse(document).success).toBe(false);
  });
});

describe('longestTtlMs', () => {
  it('is what operators chose, and enough for the clients of the articles', () => {
    expect([longestTtlMs({ ttlMs: 2_000 }), longestTtlMs({ ttlMs: 600_000 })]).toEqual([60_000, 600_000]);
  });
});

describe('a registration', () => {
  const server = { address: '10.0.0.11', port: 8080 };

  it('says what a server says of itself, and for how long', () => {
    const document = { ...server, weight: 3, priority: 1, zone: 'a', labels: { version: '42' }, ttl: '15s' };
    expect(serverRegistrationSchema.parse(document)).toEqual(document);
  });

  it.each([{ ttl: '2h' }, { ttl: '1s' }, { state: 'active' }, { weight: 0 }, { address: 'app.test' }])(
    'refuses %j',
    (fields) => {
      expect(serverRegistrationSchema.safeParse({ ...server, ...fields }).success).toBe(false);
    },
  );

  it('comes with others, of which there is at least one', () => {
    expect(registrationListSchema.safeParse({ items: [server] }).success).toBe(true);
    expect(registrationListSchema.safeParse({ items: [] }).success).toBe(false);
  });
});
