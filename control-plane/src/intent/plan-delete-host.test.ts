import { applied, failureOf, stateOf } from './intent-fixture.cases.ts';
import { planDeleteHost } from './plan-delete-host.ts';

const state = stateOf({ backends: [{ name: 'web' }], hosts: [{ host: 'a.example', backend: 'web' }] });

describe('planDeleteHost', () => {
  it('removes a host, which no longer uses its backend', () => {
    const planned = planDeleteHost(state, 'a.example');
    expect(planned.objects).toEqual([
      { kind: 'host', name: 'a.example', before: { host: 'a.example', backend: 'web' } },
    ]);
    const after = applied(state, planned);
    expect([after.hosts.size, after.backends.get('web')?.usedBy]).toEqual([0, 0]);
  });

  it('keeps to the preconditions', () => {
    expect(failureOf(() => planDeleteHost(state, 'b.example')).code).toBe('HEADGATE_NOT_FOUND');
    expect(failureOf(() => planDeleteHost(state, 'b.example', { ifMatch: [1] })).code).toBe('HEADGATE_STALE');
    expect(failureOf(() => planDeleteHost(state, 'a.example', { ifMatch: [2] })).code).toBe('HEADGATE_STALE');
  });
});
