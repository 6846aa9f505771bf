import type { Commit, ObjectChange } from '../store/store.ts';
import { applyCommit } from './apply-commit.ts';
import { contentOf, stateOf } from './intent-fixture.cases.ts';

const servers = Array.from({ length: 3 }, (_, index) => ({ address: `10.0.0.${index + 1}`, port: 80 }));
const state = stateOf({
  backends: [{ name: 'web', servers }, { name: 'api' }],
  hosts: [{ host: 'a.example', routes: [{ backend: 'web' }, { backend: 'api' }, { backend: 'web' }] }],
});
const web = { name: 'web' };

describe('applyCommit', () => {
  it('leaves the state before as it was', () => {
    const before = JSON.stringify(contentOf(state));
    applyCommit(
      state,
      commit(
        { kind: 'server', name: 'web/10.0.0.1:80', before: servers[0] },
        { kind: 'backend', name: 'web', before: web, after: web },
      ),
    );
    expect(JSON.stringify(contentOf(state))).toBe(before);
  });

  it('shares what a commit does not touch', () => {
    const after = applyCommit(
      state,
      commit({ kind: 'host', name: 'b.example', after: { host: 'b.example', backend: 'api' } }),
    );
    expect(after.backends.get('web')).toBe(state.backends.get('web'));
    expect(after.hosts.get('a.example')).toBe(state.hosts.get('a.example'));
  });

  it('counts a host once, however many of its routes name a backend', () => {
    expect(state.backends.get('web')?.usedBy).toBe(1);
  });

  it('gives the same state in whatever order a commit names its objects', () => {
    const objects: ObjectChange[] = [
      { kind: 'host', name: 'a.example', before: state.hosts.get('a.example')?.document },
      { kind: 'host', name: 'b.example', after: { host: 'b.example', backend: 'new' } },
      { kind: 'server', name: 'new/10.0.0.2:80', after: { address: '10.0.0.2', port: 80 } },
      { kind: 'server', name: 'new/10.0.0.1:80', after: { address: '10.0.0.1', port: 80 } },
      { kind: 'override', name: 'new/10.0.0.9:80', after: { state: 'disabled' } },
      { kind: 'override', name: 'new/10.0.0.1:80', after: { state: 'draining' } },
      { kind: 'backend', name: 'new', after: { name: 'new' } },
      { kind: 'server', name: 'web/10.0.0.2:80', before: servers[1] },
      { kind: 'server', name: 'web/10.0.0.1:80', before: servers[0] },
      { kind: 'server', name: 'web/10.0.0.3:80', before: servers[2] },
      { kind: 'backend', name: 'web', before: web },
    ];
    const there = applyCommit(state, commit(...objects));
    const back = applyCommit(state, commit(...[...objects].reverse()));
    expect(contentOf(there)).toEqual(contentOf(back));
    expect([...there.backends.keys()].sort()).toEqual(['api', 'new']);
    expect(there.backends.get('new')).toMatchObject({ revision: 2, usedBy: 1 });
    expect([...(there.backends.get('new')?.servers.keys() ?? [])]).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
    expect([...(there.backends.get('new')?.overrides ?? [])]).toEqual([
      ['10.0.0.1:80', { document: { state: 'draining' }, revision: 2 }],
      ['10.0.0.9:80', { document: { state: 'disabled' }, revision: 2 }],
    ]);
  });

  it('refuses a commit that does not follow', () => {
    const change: ObjectChange = { kind: 'backend', name: 'web', before: web, after: web };
    for (const revision of [1, 3])
      expect(() => applyCommit(state, { ...commit(change), revision })).toThrow('does not follow');
  });

  it.each<ObjectChange>([
    { kind: 'server', name: 'absent/10.0.0.1:80', after: servers[0] },
    { kind: 'host', name: 'b.example', after: { host: 'b.example', backend: 'absent' } },
  ])('refuses $kind $name, whose backend is not there', (change) => {
    expect(() => applyCommit(state, commit(change))).toThrow('backend absent');
  });

  it("keeps overrides of backends that are not operators' own, until the backend is", () => {
    const name = 'layered/10.0.0.1:80';
    const loose = applyCommit(state, commit({ kind: 'override', name, after: { state: 'draining' } }));
    const word = { document: { state: 'draining' }, revision: 2 };
    expect([...loose.looseOverrides]).toEqual([['layered', new Map([['10.0.0.1:80', word]])]]);
    const backend: ObjectChange = { kind: 'backend', name: 'layered', after: { name: 'layered' } };
    const owned = applyCommit(loose, { ...commit(backend), revision: 3, version: 4 });
    expect(owned.looseOverrides.size).toBe(0);
    expect([...owned.backends.get('layered')!.overrides]).toEqual([['10.0.0.1:80', word]]);
    const gone: ObjectChange = { kind: 'override', name, before: { state: 'draining' } };
    expect(applyCommit(loose, { ...commit(gone), revision: 3, version: 4 }).looseOverrides.size).toBe(0);
  });
});

function commit(...objects: ObjectChange[]): Commit {
  return { revision: 2, version: 3, at: 0, author: 'someone', message: '', objects };
}
