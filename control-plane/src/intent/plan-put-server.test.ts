import type { ServerState } from '@headgate/shared/model/server';
import type { IntentState } from './intent-state.ts';
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

  describe('with a state', () => {
    const put = (before: IntentState, wanted: { weight?: number; state?: ServerState }) => {
      const { state: serverState, weight = 2 } = wanted;
      return planPutServer(before, { backend: 'web', document: { ...first, weight }, state: serverState });
    };
    const draining = applied(state, put(state, { state: 'draining' }));
    const entry = ({ backends }: IntentState) => backends.get('web')!;

    it('writes an override, and moves the revisions of server and backend', () => {
      expect(put(state, { state: 'draining' }).objects).toEqual([
        { kind: 'backend', name: 'web', before: settings, after: settings },
        { kind: 'server', name: 'web/10.0.0.10:80', before: first, after: first },
        { kind: 'override', name: 'web/10.0.0.10:80', after: { state: 'draining' } },
      ]);
      expect([entry(draining).revision, entry(draining).servers.get('10.0.0.10:80')?.revision]).toEqual([2, 2]);
    });

    it('changes the server too, as one change', () => {
      const after = applied(state, put(state, { state: 'disabled', weight: 7 }));
      expect(after.revision).toBe(2);
      expect(entry(after).servers.get('10.0.0.10:80')?.document).toEqual({ ...first, weight: 7 });
      expect(entry(after).overrides.get('10.0.0.10:80')?.document).toEqual({ state: 'disabled' });
    });

    it('changes nothing when it is so already, or active and nothing was said', () => {
      expect(put(draining, { state: 'draining' })).toEqual({ objects: [] });
      expect(put(state, { state: 'active' })).toEqual({ objects: [] });
    });

    it('takes the override away when it is active', () => {
      const after = applied(draining, put(draining, { state: 'active' }));
      expect(entry(after).overrides.size).toBe(0);
      expect(entry(after).servers.get('10.0.0.10:80')?.revision).toBe(3);
    });

    it('leaves the override as it is when nothing is said', () => {
      const after = applied(draining, put(draining, { weight: 9 }));
      expect(entry(after).overrides).toBe(entry(draining).overrides);
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

  it('refuses one override more than a backend can hold, also of servers that are gone, and still changes one', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}:80`);
    const overrides = new Map(names.map((name) => [name, { document: { state: 'disabled' as const }, revision: 1 }]));
    const web = { ...state.backends.get('web')!, overrides };
    const draft = state.backends.edit();
    draft.set('web', web);
    const full = { ...state, backends: draft.done() };
    const put = (address: string, wanted: ServerState) =>
      planPutServer(full, { backend: 'web', document: { address, port: 80 }, state: wanted });
    const failure = failureOf(() => put('10.1.0.0', 'draining'));
    expect([failure.code, failure.faults[0]?.code]).toEqual(['HEADGATE_INVALID', 'too_many']);
    expect(put('10.0.0.10', 'draining').objects).toHaveLength(3);
    expect(put('10.1.0.0', 'active').objects).toHaveLength(2);
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
