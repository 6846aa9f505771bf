import { canonicalBackend, resolveBackend, type BackendDocument } from './backend.ts';
import { timeoutDefaults } from './timeouts.ts';
import { resolveServer } from './server.ts';

describe('canonicalBackend', () => {
  it('spells addresses canonically and sorts servers by endpoint', () => {
    const document: BackendDocument = {
      name: 'web',
      via: false,
      servers: [
        { address: '10.0.0.2', port: 80 },
        { address: 'FD00::0:1', port: 80, weight: 3 },
        { address: '::ffff:10.0.0.1', port: 80 },
      ],
    };
    expect(canonicalBackend(document)).toEqual({
      name: 'web',
      via: false,
      servers: [
        { address: '10.0.0.1', port: 80 },
        { address: '10.0.0.2', port: 80 },
        { address: 'fd00::1', port: 80, weight: 3 },
      ],
    });
    expect(document.servers?.[0]?.address).toBe('10.0.0.2');
  });

  it('encodes equal content to equal text', () => {
    const texts = [
      canonicalBackend({ name: 'web', via: true }),
      canonicalBackend({ name: 'web', servers: [], via: true }),
    ].map((document) => JSON.stringify(document));
    expect(texts[0]).toBe(texts[1]);
  });
});

describe('resolveBackend', () => {
  it('fills in the defaults', () => {
    expect(resolveBackend({ name: 'web' })).toEqual({
      name: 'web',
      balance: {
        algorithm: 'weighted_round_robin',
        key: { source: 'client_address', name: '' },
        loadFactorPercent: 125,
      },
      session: undefined,
      healthCheck: undefined,
      ejection: undefined,
      retry: { attempts: 1, budgetPercent: 20, minConcurrent: 3, replayBytes: 65_536 },
      slowStartMs: 0,
      failOpen: false,
      timeouts: timeoutDefaults,
      limits: { requestBodyBytes: 0, requestsPerServer: 0, queueLength: 0, queueTimeoutMs: 5_000 },
      via: true,
    });
  });

  it('takes what is written', () => {
    const backend = resolveBackend({
      name: 'web',
      balance: { algorithm: 'round_robin' },
      healthCheck: { type: 'tcp', interval: '1s' },
      timeouts: { connect: '1s' },
      limits: { requestBodyBytes: 1_024 },
      via: false,
    });
    expect(backend).toMatchObject({
      balance: { algorithm: 'round_robin' },
      limits: { requestBodyBytes: 1_024 },
      via: false,
    });
    expect([backend.healthCheck?.intervalMs, backend.timeouts.connectMs]).toEqual([1_000, 1_000]);
  });
});

describe('resolveServer', () => {
  it('has weight 1 unless another is written', () => {
    expect(resolveServer('web', { address: '10.0.0.1', port: 80 })).toEqual({
      backend: 'web',
      address: '10.0.0.1',
      port: 80,
      weight: 1,
      priority: 0,
      zone: '',
      labels: {},
      state: 'active',
    });
    expect(resolveServer('web', { address: '10.0.0.1', port: 80, weight: 7 }).weight).toBe(7);
  });
});
