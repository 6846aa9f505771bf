import { applied, failureOf, stateOf } from './intent-fixture.cases.ts';
import { planPutServer } from './plan-put-server.ts';

const settings = { name: 'web', via: false };
const first = { address: '10.0.0.10', port: 80, weight: 2 };
const state = stateOf({ backends: [{ ...settings, servers: [first] }], hosts: [] });

describe('planPutServer', () => {
  it('adds a server, and moves the revision of its backend', () => {
    const added = { address: '10.0.0.1', port: 80 };
    const planned = planPutServer(state, { backend: 'web', document: added });
    expect(planned.objects).toEqual([
      { kind: 'backend', name: 'web', before: settings, after: settings },
      { kind: 'server', name: 'web/10.0.0.1:80', after: added },
    ]);
    const entry = applied(state, planned).backends.get('web');
    expect(entry?.revision).toBe(2);
    expect([...(entry?.servers ?? [])]).toEqual(
      [
        ['10.0.0.10:80', { document: first, revision: 1 }],
        ['10.0.0.1:80', { document: added, revision: 2 }],
      ].sort(),
    );
  });

  it('replaces a server', () => {
    const planned = planPutServer(state, { backend: 'web', document: { ...first, weight: 3 } });
    expect(planned.objects[1]).toEqual({
      kind: 'server',
      name: 'web/10.0.0.10:80',
      before: first,
      after: { ...first, weight: 3 },
    });
  });

  it('writes IPv6 in brackets', () => {
    const planned = planPutServer(state, { backend: 'web', document: { address: 'fd00::1', port: 80 } });
    expect(planned.objects[1]?.name).toBe('web/[fd00::1]:80');
  });

  it('changes nothing when the content is equal', () => {
    expect(planPutServer(state, { backend: 'web', document: { weight: 2, port: 80, address: '10.0.0.10' } })).toEqual({
      objects: [],
    });
  });

  it('refuses one server more than a backend can hold, and still replaces', () => {
    const servers = Array.from({ length: 10_000 }, (_, index) => ({
      address: `10.0.${index >> 8}.${index & 255}`,
      port: 80,
    }));
    const full = stateOf({ backends: [{ name: 'web', servers }], hosts: [] });
    const failure = failureOf(() =>
      planPutServer(full, { backend: 'web', document: { address: '10.1.0.0', port: 80 } }),
    );
    expect([failure.code, failure.faults[0]?.code]).toEqual(['HEADGATE_INVALID', 'too_many']);
    expect(planPutServer(full, { backend: 'web', document: { ...servers[0]!, weight: 5 } }).objects).toHaveLength(2);
  });

  it('keeps to the preconditions, which look at the server', () => {
    const put =
      (options: object, document = first) =>
      () =>
        planPutServer(state, { backend: 'web', document }, options);
    expect(failureOf(put({ mustBeNew: true })).code).toBe('HEADGATE_ALREADY_EXISTS');
    expect(failureOf(put({ ifMatch: [2] })).code).toBe('HEADGATE_STALE');
    expect(failureOf(put({ ifMatch: '*' }, { ...first, port: 81 })).code).toBe('HEADGATE_STALE');
    expect(put({ ifMatch: [1] })()).toEqual({ objects: [] });
  });

  it('fails in a backend that does not exist', () => {
    const failure = failureOf(() => planPutServer(state, { backend: 'absent', document: first }));
    expect([failure.code, failure.message]).toEqual(['HEADGATE_NOT_FOUND', expect.stringContaining('backend absent')]);
  });
});
