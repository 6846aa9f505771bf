import { limitsSchema, resolveLimits } from './limits.ts';

describe('limitsSchema', () => {
  it('accepts a queue beside a limit', () => {
    expect(limitsSchema.safeParse({ requestsPerServer: 10, queue: { length: 5 } }).success).toBe(true);
  });

  it.each([
    { queue: { length: 5 } },
    { requestsPerServer: 0, queue: { length: 5 } },
    { requestsPerServer: 10, queue: {} },
    { requestsPerServer: 10, queue: { length: 0 } },
    { requestsPerServer: 10, queue: { length: 1, timeout: '1ms' } },
    { requestsPerServer: -1 },
  ])('refuses %j', (document) => {
    expect(limitsSchema.safeParse(document).success).toBe(false);
  });
});

describe('resolveLimits', () => {
  it('limits nothing by default', () => {
    expect(resolveLimits()).toEqual({
      requestBodyBytes: 0,
      requestsPerServer: 0,
      queueLength: 0,
      queueTimeoutMs: 5_000,
    });
  });

  it('takes what is written', () => {
    const limits = resolveLimits({ requestsPerServer: 2, queue: { length: 3, timeout: '1s' } });
    expect(limits).toMatchObject({ requestsPerServer: 2, queueLength: 3, queueTimeoutMs: 1_000 });
  });
});
