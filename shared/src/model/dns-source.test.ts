import { dnsSourceSchema, resolveDnsSource } from './dns-source.ts';

const document = { type: 'dns', name: 'web.internal', port: 8080 } as const;

describe('dnsSourceSchema', () => {
  it.each([
    document,
    { type: 'dns', name: '_http._tcp.web.internal', record: 'SRV' },
    { ...document, resolvers: ['10.0.0.53', '10.0.0.53:5353', 'fd00::53', '[fd00::53]:53'] },
    { ...document, record: 'AAAA', interval: '1s', timeout: '100ms', allowEmpty: true },
  ])('accepts %j', (source) => {
    expect(dnsSourceSchema.safeParse(source).success).toBe(true);
  });

  it.each([
    { type: 'dns', name: 'web.internal' },
    { type: 'dns', name: 'web.internal', record: 'SRV', port: 80 },
    { ...document, name: '10.0.0.1' },
    { ...document, name: 'web.internal.' },
    { ...document, name: '' },
    { ...document, record: 'MX' },
    { ...document, port: 0 },
    { ...document, interval: '500ms' },
    { ...document, interval: '2h' },
    { ...document, timeout: '31s' },
    { ...document, resolvers: [] },
    { ...document, resolvers: ['dns.internal'] },
    { ...document, resolvers: ['10.0.0.53:0'] },
    { ...document, resolvers: Array<string>(9).fill('10.0.0.53') },
    { ...document, allowEmpty: 'yes' },
    { ...document, ttl: '1s' },
  ])('refuses %j', (source) => {
    expect(dnsSourceSchema.safeParse(source).success).toBe(false);
  });
});

describe('resolveDnsSource', () => {
  it('fills in the defaults', () => {
    expect(resolveDnsSource(document)).toEqual({
      type: 'dns',
      name: 'web.internal',
      record: 'address',
      port: 8080,
      intervalMs: 10_000,
      timeoutMs: 2_000,
      resolvers: [],
      allowEmpty: false,
    });
  });

  it('takes what is written, in its one spelling', () => {
    const source = resolveDnsSource({
      type: 'dns',
      name: '_HTTP._tcp.Web.internal',
      record: 'SRV',
      interval: '1m',
      timeout: '500ms',
      resolvers: ['10.0.0.53', '[FD00:0::53]:5353'],
      allowEmpty: true,
    });
    expect(source).toEqual({
      type: 'dns',
      name: '_http._tcp.web.internal',
      record: 'SRV',
      port: 0,
      intervalMs: 60_000,
      timeoutMs: 500,
      resolvers: ['10.0.0.53:53', '[fd00::53]:5353'],
      allowEmpty: true,
    });
  });
});
