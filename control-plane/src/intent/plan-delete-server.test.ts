import { applied, failureOf, stateOf, withStates } from './intent-fixture.cases.ts';
import { planDeleteServer } from './plan-delete-server.ts';

const server = { address: '10.0.0.1', port: 80 };
const state = stateOf({ backends: [{ name: 'web', servers: [server, { ...server, port: 81 }] }], hosts: [] });

describe('planDeleteServer', () => {
  it('removes a server, and moves the revision of its backend', () => {
    const planned = planDeleteServer(state, { backend: 'web', endpoint: '10.0.0.1:80' });
    expect(planned.objects).toEqual([
      { kind: 'backend', name: 'web', before: { name: 'web' }, after: { name: 'web' } },
      { kind: 'server', name: 'web/10.0.0.1:80', before: server },
    ]);
    const entry = applied(state, planned).backends.get('web');
    expect([entry?.revision, [...(entry?.servers.keys() ?? [])]]).toEqual([2, ['10.0.0.1:81']]);
  });

  it('leaves its override for when it comes back', () => {
    const drained = withStates(state, 'web', { '10.0.0.1:80': 'draining' });
    const planned = planDeleteServer(drained, { backend: 'web', endpoint: '10.0.0.1:80' });
    expect(planned.objects.map(({ kind }) => kind)).toEqual(['backend', 'server']);
    expect([...applied(drained, planned).backends.get('web')!.overrides.keys()]).toEqual(['10.0.0.1:80']);
  });

  it('keeps to the preconditions, and says what is missing', () => {
    const remove = (backend: string, endpoint: string, condition = {}) =>
      failureOf(() => planDeleteServer(state, { backend, endpoint }, condition));
    expect(remove('absent', '10.0.0.1:80')).toMatchObject({
      code: 'HEADGATE_NOT_FOUND',
      message: expect.stringContaining('backend absent') as string,
    });
    expect(remove('web', '10.0.0.9:80')).toMatchObject({
      code: 'HEADGATE_NOT_FOUND',
      message: expect.stringContaining('server 10.0.0.9:80') as string,
    });
    expect(remove('web', '10.0.0.9:80', { ifMatch: '*' }).code).toBe('HEADGATE_STALE');
    expect(remove('web', '10.0.0.1:80', { ifMatch: [2] }).code).toBe('HEADGATE_STALE');
  });
});
