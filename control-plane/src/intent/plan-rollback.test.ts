import type { ObjectChange } from '../store/store.ts';
import { applied, stateOf, withStates } from './intent-fixture.cases.ts';
import { planRollback } from './plan-rollback.ts';

const state = stateOf({ backends: [{ name: 'web', servers: [{ address: '10.0.0.1', port: 80 }] }], hosts: [] });

function historyOf(objects: readonly ObjectChange[]): { changes: () => Promise<readonly ObjectChange[]> } {
  return { changes: () => Promise.resolve(objects) };
}

describe('planRollback', () => {
  it('changes nothing where the content is equal', async () => {
    expect(await planRollback(state, { to: 0, history: historyOf([]) })).toEqual({ objects: [] });
  });

  it('moves the revision of a backend of which servers alone differ', async () => {
    const history = historyOf([
      {
        kind: 'server',
        name: 'web/10.0.0.1:80',
        before: state.backends.get('web')!.servers.get('10.0.0.1:80')!.document,
      },
    ]);
    const after = applied(state, await planRollback(state, { to: 0, history }));
    expect(after.backends.get('web')).toMatchObject({ revision: state.revision + 1, servers: new Map() });
  });

  it('moves the revisions of a server of which the override alone differs, and of its backend', async () => {
    const drained = withStates(state, 'web', { '10.0.0.1:80': 'draining' });
    const history = historyOf([{ kind: 'override', name: 'web/10.0.0.1:80', before: { state: 'draining' } }]);
    const planned = await planRollback(drained, { to: 1, history });
    const entry = applied(drained, planned).backends.get('web')!;
    expect(planned.objects.map(({ kind }) => kind)).toEqual(['backend', 'server', 'override']);
    expect([entry.revision, entry.servers.get('10.0.0.1:80')?.revision, entry.overrides.size]).toEqual([3, 3, 0]);
  });

  it('is about the override alone where the server is not there', async () => {
    const history = historyOf([{ kind: 'override', name: 'web/10.0.0.9:80', after: { state: 'draining' } }]);
    expect((await planRollback(state, { to: 0, history })).objects.map(({ kind }) => kind)).toEqual(['override']);
  });

  it('is refused when the configuration is not what its caller believes', async () => {
    await expect(planRollback(state, { to: 0, history: historyOf([]), ifMatch: [7] })).rejects.toMatchObject({
      code: 'HEADGATE_STALE',
    });
  });
});
