import { applied, failureOf, stateOf, withStates } from './intent-fixture.cases.ts';
import { planDeleteOverride } from './plan-delete-override.ts';
import { planDeleteServer } from './plan-delete-server.ts';

const server = { address: '10.0.0.1', port: 80 };
const name = { backend: 'web', endpoint: '10.0.0.1:80' };
const configured = stateOf({ backends: [{ name: 'web', servers: [server] }, { name: 'api' }], hosts: [] });
const state = withStates(configured, 'web', { '10.0.0.1:80': 'draining' });

describe('planDeleteOverride', () => {
  it('makes the server active again, whose revision moves', () => {
    const after = applied(state, planDeleteOverride(state, name)).backends.get('web')!;
    expect(after.overrides.size).toBe(0);
    expect([after.revision, after.servers.get('10.0.0.1:80')]).toEqual([3, { document: server, revision: 3 }]);
  });

  it('is about the override alone when there is no such server', () => {
    const left = applied(state, planDeleteServer(state, name));
    const planned = planDeleteOverride(left, name);
    expect(planned.objects).toEqual([
      { kind: 'override', name: 'web/10.0.0.1:80', before: { state: 'draining' }, after: undefined },
    ]);
    expect(applied(left, planned).backends.get('web')).toMatchObject({ revision: 3, overrides: new Map() });
  });

  it('keeps to the preconditions, and says what is missing', () => {
    const remove = (backend: string, endpoint: string, condition = {}) =>
      failureOf(() => planDeleteOverride(state, { backend, endpoint }, condition));
    expect(remove('absent', '10.0.0.1:80').message).toContain('backend absent');
    expect(remove('web', '10.0.0.2:80')).toMatchObject({
      code: 'HEADGATE_NOT_FOUND',
      message: expect.stringContaining('override of server 10.0.0.2:80') as string,
    });
    expect(remove('api', '10.0.0.1:80').code).toBe('HEADGATE_NOT_FOUND');
    expect(remove('web', '10.0.0.1:80', { ifMatch: [1] }).code).toBe('HEADGATE_STALE');
    expect(planDeleteOverride(state, name, { ifMatch: [2] }).objects).toHaveLength(3);
  });
});
