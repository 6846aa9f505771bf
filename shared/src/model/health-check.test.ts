import { healthCheckSchema, parseStatusRange, resolveHealthCheck } from './health-check.ts';

describe('resolveHealthCheck', () => {
  it('fills in the defaults', () => {
    const defaults = { intervalMs: 5_000, timeoutMs: 2_000, fall: 3, rise: 2, jitterPercent: 20 };
    expect(resolveHealthCheck({ type: 'tcp' })).toEqual({ type: 'tcp', path: '', validStatuses: [], ...defaults });
    expect(resolveHealthCheck({ type: 'http' })).toEqual({
      type: 'http',
      path: '/',
      validStatuses: [{ from: 200, to: 399 }],
      ...defaults,
    });
  });

  it('takes what is written', () => {
    const check = resolveHealthCheck({
      type: 'http',
      path: '/healthz?deep',
      interval: '1500ms',
      timeout: '1s',
      fall: 1,
      rise: 5,
      jitterPercent: 0,
      validStatuses: ['204', '300-302'],
    });
    expect(check).toEqual({
      type: 'http',
      path: '/healthz?deep',
      intervalMs: 1_500,
      timeoutMs: 1_000,
      fall: 1,
      rise: 5,
      jitterPercent: 0,
      validStatuses: [
        { from: 204, to: 204 },
        { from: 300, to: 302 },
      ],
    });
  });
});

describe('parseStatusRange', () => {
  it('reads statuses and ranges', () => {
    expect(parseStatusRange('204')).toEqual({ from: 204, to: 204 });
    expect(parseStatusRange('100-599')).toEqual({ from: 100, to: 599 });
  });

  it.each(['', '2xx', '99', '600', '200-', '-200', '399-200', '200 - 399', '0200', '200,204'])('refuses %j', (text) => {
    expect(parseStatusRange(text)).toBeUndefined();
  });
});

describe('healthCheckSchema', () => {
  it.each([
    { type: 'tcp', path: '/' },
    { type: 'tcp', validStatuses: ['200'] },
    { type: 'http', path: 'healthz' },
    { type: 'http', path: '/a b' },
    { type: 'http', path: '/a\r\nHost: evil' },
    { type: 'http', path: '/a#b' },
    { type: 'http', path: `/${'a'.repeat(2_048)}` },
    { type: 'http', validStatuses: [] },
    { type: 'tcp', interval: '99ms' },
    { type: 'tcp', interval: '-1s' },
    { type: 'tcp', timeout: '1 fortnight' },
    { type: 'tcp', timeout: '301s' },
    { type: 'tcp', fall: 0 },
    { type: 'tcp', rise: 101 },
    { type: 'tcp', jitterPercent: 51 },
    { type: 'udp' },
    {},
  ])('refuses %j', (document) => {
    expect(healthCheckSchema.safeParse(document).success).toBe(false);
  });
});
