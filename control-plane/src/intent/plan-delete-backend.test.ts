import { applied, failureOf, stateOf } from './intent-fixture.cases.ts';
import { planDeleteBackend } from './plan-delete-backend.ts';

const state = stateOf({
  backends: [{ name: 'web', servers: [{ address: '10.0.0.1', port: 80 }] }, { name: 'busy' }],
  hosts: [
    { host: 'b.example', backend: 'busy' },
    { host: 'a.example', routes: [{ match: { path: { prefix: '/x' } }, backend: 'busy' }, { backend: 'busy' }] },
  ],
});

describe('planDeleteBackend', () => {
  it('removes a backend with its servers', () => {
    const planned = planDeleteBackend(state, 'web');
    expect(planned.objects).toEqual([
      { kind: 'backend', name: 'web', before: { name: 'web' } },
      { kind: 'server', name: 'web/10.0.0.1:80', before: { address: '10.0.0.1', port: 80 } },
    ]);
    expect([...applied(state, planned).backends.keys()]).toEqual(['busy']);
  });

  it('refuses while hosts name it, and names each of them once', () => {
    const { code, message, faults } = failureOf(() => planDeleteBackend(state, 'busy'));
    expect(code).toBe('HEADGATE_IN_USE');
    expect(message).toContain('2 hosts');
    expect(faults.map(({ detail }) => detail)).toEqual([
      'is in use by the host a.example',
      'is in use by the host b.example',
    ]);
    for (const { code: fault, fix } of faults)
      expect([fault, fix]).toEqual(['backend_in_use', expect.stringContaining('another backend')]);
  });

  it('refuses while a host gives it a share, be it 0', () => {
    const split = [{ backends: [{ name: 'web' }, { name: 'spare', weight: 0 }] }];
    const shared = stateOf({
      backends: [{ name: 'web' }, { name: 'spare' }],
      hosts: [{ host: 'a.example', routes: split }],
    });
    const { faults } = failureOf(() => planDeleteBackend(shared, 'spare'));
    expect(faults.map(({ detail }) => detail)).toEqual(['is in use by the host a.example']);
  });

  it('names at most a hundred of them', () => {
    const hosts = Array.from({ length: 150 }, (_, index) => ({ host: `h${index}.example`, backend: 'busy' }));
    const crowded = stateOf({ backends: [{ name: 'busy' }], hosts });
    const { faults, message } = failureOf(() => planDeleteBackend(crowded, 'busy'));
    expect(faults).toHaveLength(100);
    expect(message).toContain('150 hosts');
  });

  it('keeps to the preconditions', () => {
    expect(failureOf(() => planDeleteBackend(state, 'absent')).code).toBe('HEADGATE_NOT_FOUND');
    expect(failureOf(() => planDeleteBackend(state, 'absent', { ifMatch: '*' })).code).toBe('HEADGATE_STALE');
    expect(failureOf(() => planDeleteBackend(state, 'web', { ifMatch: [2] })).code).toBe('HEADGATE_STALE');
    expect(planDeleteBackend(state, 'web', { ifMatch: [1] }).objects).toHaveLength(2);
  });
});
