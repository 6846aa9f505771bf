import { applied, failureOf, stateOf } from './intent-fixture.cases.ts';
import { planPutHost } from './plan-put-host.ts';

const state = stateOf({
  backends: [{ name: 'web' }, { name: 'api' }],
  hosts: [{ host: 'a.example', backend: 'web' }],
});

describe('planPutHost', () => {
  it('creates a host, which uses its backends', () => {
    const document = {
      host: '*.example',
      routes: [{ match: { path: { prefix: '/api' } }, backend: 'api' }, { backend: 'web' }],
    };
    const planned = planPutHost(state, document);
    expect(planned.objects).toEqual([{ kind: 'host', name: '*.example', after: document }]);
    expect(uses(applied(state, planned))).toEqual({ api: 1, web: 2 });
  });

  it('replaces a host, which no longer uses what it used', () => {
    const document = { host: 'a.example', backend: 'api' };
    const planned = planPutHost(state, document);
    expect(planned.objects).toEqual([
      { kind: 'host', name: 'a.example', before: { host: 'a.example', backend: 'web' }, after: document },
    ]);
    expect(uses(applied(state, planned))).toEqual({ api: 1, web: 0 });
  });

  it('leaves the revisions of its backends alone', () => {
    const after = applied(state, planPutHost(state, { host: 'a.example', backend: 'api' }));
    expect([
      after.backends.get('web')?.revision,
      after.backends.get('api')?.revision,
      after.hosts.get('a.example')?.revision,
    ]).toEqual([1, 1, 2]);
  });

  it('changes nothing when the content is equal', () => {
    expect(planPutHost(state, { backend: 'web', host: 'a.example' })).toEqual({ objects: [] });
  });

  it('uses every backend among which a route shares its requests out', () => {
    const routes = [{ backends: [{ name: 'api', weight: 0 }, { name: 'web' }] }];
    expect(uses(applied(state, planPutHost(state, { host: 'b.example', routes })))).toEqual({ api: 1, web: 2 });
    const missing = [{ backends: [{ name: 'web' }, { name: 'nowhere' }] }];
    const { faults } = failureOf(() => planPutHost(state, { host: 'b.example', routes: missing }));
    expect(faults.map(({ code, pointer }) => [code, pointer])).toEqual([
      ['unknown_backend', '/routes/0/backends/1/name'],
    ]);
  });

  it('names each route whose backend does not exist, with its place', () => {
    const routes = [{ backend: 'web' }, { match: { path: { exact: '/' } }, backend: 'wbe' }, { backend: 'nowhere' }];
    const { code, faults } = failureOf(() => planPutHost(state, { host: 'b.example', routes }));
    expect(code).toBe('HEADGATE_INVALID');
    expect(faults).toEqual([
      {
        pointer: '/routes/1/backend',
        code: 'unknown_backend',
        detail: 'there is no backend "wbe"',
        fix: expect.stringContaining('did you mean "web"?') as string,
      },
      {
        pointer: '/routes/2/backend',
        code: 'unknown_backend',
        detail: 'there is no backend "nowhere"',
        fix: expect.stringContaining('create the backend first') as string,
      },
    ]);
  });

  it('points to the short form of a host, too', () => {
    const { faults } = failureOf(() => planPutHost(state, { host: 'b.example', backend: 'nowhere' }));
    expect(faults.map(({ pointer }) => pointer)).toEqual(['/backend']);
  });

  it('keeps to the preconditions', () => {
    const document = { host: 'a.example', backend: 'web' };
    expect(failureOf(() => planPutHost(state, document, { mustBeNew: true })).code).toBe('HEADGATE_ALREADY_EXISTS');
    expect(failureOf(() => planPutHost(state, document, { ifNoneMatch: '*' })).code).toBe('HEADGATE_STALE');
    expect(failureOf(() => planPutHost(state, { ...document, host: 'b.example' }, { ifMatch: [1] })).code).toBe(
      'HEADGATE_STALE',
    );
  });
});

function uses(after: typeof state): Record<string, number> {
  return Object.fromEntries([...after.backends.entries()].map(([name, { usedBy }]) => [name, usedBy]));
}
