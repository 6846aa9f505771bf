import type { BackendDocument } from '@headgate/shared/model/backend';
import { applied, configuration, emptyState, failureOf, stateOf } from './intent-fixture.cases.ts';
import { planPutBackend } from './plan-put-backend.ts';

const web = {
  name: 'web',
  balance: { algorithm: 'round_robin' },
  servers: [
    { address: '10.0.0.1', port: 80 },
    { address: '10.0.0.2', port: 80, weight: 2 },
  ],
};
const state = stateOf({ backends: [web], hosts: [{ host: 'a.example', backend: 'web' }] });

describe('planPutBackend', () => {
  it('creates a backend and its servers as objects of their own', () => {
    const { objects } = planPutBackend(emptyState, backend(web));
    expect(objects).toEqual([
      { kind: 'backend', name: 'web', after: { name: 'web', balance: { algorithm: 'round_robin' } } },
      { kind: 'server', name: 'web/10.0.0.1:80', after: web.servers[0] },
      { kind: 'server', name: 'web/10.0.0.2:80', after: web.servers[1] },
    ]);
  });

  it('names only the servers that differ, and the backend for its revision', () => {
    const { objects } = planPutBackend(
      state,
      backend({ ...web, servers: [web.servers[0], { address: '10.0.0.3', port: 80 }] }),
    );
    const settings = { name: 'web', balance: { algorithm: 'round_robin' } };
    expect(objects).toEqual([
      { kind: 'backend', name: 'web', before: settings, after: settings },
      { kind: 'server', name: 'web/10.0.0.2:80', before: web.servers[1] },
      { kind: 'server', name: 'web/10.0.0.3:80', after: { address: '10.0.0.3', port: 80 } },
    ]);
  });

  it('replaces the settings alone when the servers stay', () => {
    const { objects } = planPutBackend(state, backend({ name: 'web', servers: web.servers, via: false }));
    expect(objects).toEqual([
      {
        kind: 'backend',
        name: 'web',
        before: { name: 'web', balance: { algorithm: 'round_robin' } },
        after: { name: 'web', via: false },
      },
    ]);
  });

  it('removes all servers when none is named', () => {
    const after = applied(state, planPutBackend(state, backend({ name: 'web' })));
    expect(after.backends.get('web')).toEqual({
      document: { name: 'web' },
      revision: 2,
      servers: new Map(),
      overrides: new Map(),
      usedBy: 1,
    });
  });

  it('changes nothing when the content is equal, in whatever order it is written', () => {
    const other = { servers: [...web.servers].reverse(), balance: web.balance, name: 'web' };
    expect(planPutBackend(state, backend(other))).toEqual({ objects: [] });
  });

  it('keeps the revisions of servers that stay', () => {
    const after = applied(
      state,
      planPutBackend(state, backend({ ...web, servers: [web.servers[0], { ...web.servers[1], weight: 3 }] })),
    );
    const entry = after.backends.get('web');
    expect(entry?.revision).toBe(2);
    expect([...(entry?.servers ?? [])].map(([endpoint, { revision }]) => [endpoint, revision])).toEqual([
      ['10.0.0.1:80', 1],
      ['10.0.0.2:80', 2],
    ]);
  });

  it('keeps to the preconditions', () => {
    expect(failureOf(() => planPutBackend(state, backend(web), { mustBeNew: true })).code).toBe(
      'HEADGATE_ALREADY_EXISTS',
    );
    expect(failureOf(() => planPutBackend(state, backend(web), { ifMatch: [2] })).code).toBe('HEADGATE_STALE');
    expect(failureOf(() => planPutBackend(emptyState, backend(web), { ifMatch: '*' })).code).toBe('HEADGATE_STALE');
    expect(planPutBackend(state, backend(web), { ifMatch: [1] })).toEqual({ objects: [] });
  });
});

function backend(input: unknown): BackendDocument {
  return configuration({ backends: [input], hosts: [] }).backends[0]!;
}
