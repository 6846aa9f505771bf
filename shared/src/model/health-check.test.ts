import { healthCheckSchema, parseStatusRange, resolveHealthCheck } from './health-check.ts';

describe('resolveHealthCheck', () => {
  it('fills in the defaults', () => {
    const defaults = {
      host: '',
      headers: [],
      intervalMs: 5_000,
      downIntervalMs: 5_000,
      timeoutMs: 2_000,
      fall: 3,
      rise: 2,
      jitterPercent: 20,
      concurrency: 10,
    };
    expect(resolveHealthCheck({ type: 'tcp' })).toEqual({
      type: 'tcp',
      method: '',
      path: '',
      validStatuses: [],
      ...defaults,
    });
    expect(resolveHealthCheck({ type: 'http' })).toEqual({
      type: 'http',
      method: 'GET',
      path: '/',
      validStatuses: [{ from: 200, to: 399 }],
      ...defaults,
    });
  });

  it('takes what is written', () => {
    const check = resolveHealthCheck({
      type: 'http',
      method: 'HEAD',
      path: '/healthz?deep',
      host: 'app.example.com',
      headers: [{ name: 'X-Probe', value: '1' }],
      interval: '1500ms',
      downInterval: '10s',
      concurrency: 2,
      timeout: '1s',
      fall: 1,
      rise: 5,
      jitterPercent: 0,
      validStatuses: ['204', '300-302'],
    });
    expect(check).toEqual({
      type: 'http',
      method: 'HEAD',
      path: '/healthz?deep',
      host: 'app.example.com',
      headers: [{ name: 'X-Probe', value: '1' }],
      intervalMs: 1_500,
      downIntervalMs: 10_000,
      concurrency: 2,
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
    { type: 'tcp', method: 'GET' },
    { type: 'tcp', host: 'a' },
    { type: 'http', method: 'POST' },
    { type: 'http', host: '' },
    { type: 'http', host: 'a b' },
    { type: 'http', headers: [{ name: 'Host', value: 'a' }] },
    { type: 'http', headers: [{ name: 'X-A', value: 'a\r\nB: c' }] },
    { type: 'http', headers: [{ name: 'X A', value: 'a' }] },
    { type: 'http', concurrency: 0 },
    { type: 'http', downInterval: '1ms' },
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
