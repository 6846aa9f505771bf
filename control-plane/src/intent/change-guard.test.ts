import type { ServerState } from '@headgate/shared/model/server';
import { changeGuard } from './change-guard.ts';
import { applied, configuration, stateOf, withStates } from './intent-fixture.cases.ts';
import type { IntentState } from './intent-state.ts';
import { planDeleteBackend } from './plan-delete-backend.ts';
import { planDeleteServer } from './plan-delete-server.ts';
import { planPutConfiguration } from './plan-put-configuration.ts';
import { planPutOverride } from './plan-put-override.ts';
import { planPutServer } from './plan-put-server.ts';
import type { PlannedChange } from './planned-change.ts';
import type { WholeBackend } from './whole-backend.ts';

/** Backends of one server each, the first `hosts` of which are named by a host each. */
function fleet(backends: number, hosts: number): { backends: unknown[]; hosts: unknown[] } {
  const indices = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
  return {
    backends: indices(backends).map((index) => ({ name: `b${index}`, servers: [{ address: '10.0.0.1', port: 80 }] })),
    hosts: indices(hosts).map((index) => ({ host: `h${index}.test`, backend: `b${index % backends}` })),
  };
}

function codes(before: unknown, after: unknown): readonly string[] {
  const state = stateOf(before);
  return codesOf(state, planPutConfiguration(state, configuration(after)));
}

function codesOf(state: IntentState, { objects }: PlannedChange): readonly string[] {
  return changeGuard(state, objects).map(({ code }) => code);
}

describe('the change guard', () => {
  it('holds the removal of more than half of ten or more hosts', () => {
    expect(codes(fleet(1, 10), fleet(1, 5))).toEqual([]);
    expect(codes(fleet(1, 10), fleet(1, 4))).toEqual(['removes_most_hosts']);
    expect(codes(fleet(1, 9), fleet(1, 0))).toEqual([]);
  });

  it('holds the removal of more than half of ten or more servers', () => {
    expect(codes(fleet(10, 0), fleet(5, 0))).toEqual([]);
    expect(codes(fleet(10, 0), fleet(4, 0))).toEqual(['removes_most_servers']);
    expect(codes(fleet(9, 0), { backends: [], hosts: [] })).toEqual([]);
  });

  it('counts those that come back under another name as removed', () => {
    const { backends, hosts } = fleet(1, 10);
    const renamed = hosts.map((_, index) => ({ host: `new${index}.test`, backend: 'b0' }));
    expect(codes({ backends, hosts }, { backends, hosts: renamed })).toEqual(['removes_most_hosts']);
  });

  it('gives every reason at once', () => {
    expect(codes(fleet(10, 10), { backends: [], hosts: [] })).toEqual(['removes_most_hosts', 'removes_most_servers']);
  });

  it('lets a change pass that only adds', () => {
    expect(codes({ backends: [], hosts: [] }, fleet(20, 20))).toEqual([]);
  });

  describe('about a backend that loses its last server', () => {
    const web = (servers: readonly string[], hosts: readonly string[] = ['h.test']): unknown => ({
      backends: [{ name: 'web', servers: servers.map((address) => ({ address, port: 80 })) }, { name: 'api' }],
      hosts: hosts.map((host) => ({ host, backend: 'web' })),
    });

    it.each<[string, unknown, unknown, readonly string[]]>([
      ['holds it while a host names it', web(['10.0.0.1', '10.0.0.2']), web([]), ['empties_backend']],
      ['lets one server of two go', web(['10.0.0.1', '10.0.0.2']), web(['10.0.0.1']), []],
      ['lets its only server be replaced', web(['10.0.0.1']), web(['10.0.0.2']), []],
      ['holds nothing when nobody names it', web(['10.0.0.1'], []), web([], []), []],
      ['holds nothing when its last host goes too', web(['10.0.0.1']), web([], []), []],
      ['holds it when its first host comes along', web(['10.0.0.1'], []), web([]), ['empties_backend']],
      ['holds nothing when it had none', web([]), web([], ['h.test', 'i.test']), []],
      ['holds nothing when the backend goes as a whole', web(['10.0.0.1']), { backends: [], hosts: [] }, []],
    ])('%s', (_, before, after, expected) => {
      expect(codes(before, after)).toEqual(expected);
    });
  });

  describe('about a backend that loses its last active server', () => {
    const configured = (hosts: readonly string[]) =>
      stateOf({
        backends: [{ name: 'web', servers: ['10.0.0.1', '10.0.0.2'].map((address) => ({ address, port: 80 })) }],
        hosts: hosts.map((host) => ({ host, backend: 'web' })),
      });
    const used = configured(['h.test']);
    const oneLeft = withStates(used, 'web', { '10.0.0.2:80': 'disabled' });
    const put = (before: IntentState, state: ServerState, address = '10.0.0.1') =>
      codesOf(before, planPutServer(before, { backend: 'web', document: { address, port: 80 }, state }));

    it('holds it, whether the server is to drain, be disabled or go', () => {
      expect(put(oneLeft, 'draining')).toEqual(['deactivates_backend']);
      expect(put(oneLeft, 'disabled')).toEqual(['deactivates_backend']);
      expect(codesOf(oneLeft, planDeleteServer(oneLeft, { backend: 'web', endpoint: '10.0.0.1:80' }))).toEqual([
        'deactivates_backend',
      ]);
    });

    it('lets it pass while another one is active', () => {
      expect(put(used, 'disabled')).toEqual([]);
      expect(put(oneLeft, 'active', '10.0.0.2')).toEqual([]);
    });

    it('lets what changes nothing about that pass', () => {
      const noneLeft = withStates(oneLeft, 'web', { '10.0.0.1:80': 'draining' });
      expect(put(noneLeft, 'disabled')).toEqual([]);
      expect(put(noneLeft, 'draining', '10.0.0.3')).toEqual([]);
      const removed = planDeleteServer(noneLeft, { backend: 'web', endpoint: '10.0.0.1:80' });
      expect(codesOf(noneLeft, removed)).toEqual([]);
    });

    it('does not count overrides of servers that are absent', () => {
      const absent = applied(oneLeft, planDeleteServer(oneLeft, { backend: 'web', endpoint: '10.0.0.2:80' }));
      expect(put(absent, 'draining')).toEqual(['deactivates_backend']);
      const back = planPutServer(absent, { backend: 'web', document: { address: '10.0.0.2', port: 80 } });
      expect(codesOf(absent, back)).toEqual([]);
    });

    it('calls it emptied when no server is left, active or not', () => {
      const last = applied(oneLeft, planDeleteServer(oneLeft, { backend: 'web', endpoint: '10.0.0.1:80' }));
      const removed = planDeleteServer(last, { backend: 'web', endpoint: '10.0.0.2:80' });
      expect(codesOf(last, removed)).toEqual(['empties_backend']);
    });

    it('holds nothing when no host names it', () => {
      const unused = withStates(configured([]), 'web', { '10.0.0.2:80': 'draining' });
      expect(put(unused, 'draining')).toEqual([]);
      expect(codesOf(unused, planDeleteBackend(unused, 'web'))).toEqual([]);
    });
  });

  describe('about servers that others bring', () => {
    const used = stateOf({
      backends: [{ name: 'web', servers: [{ address: '10.0.0.1', port: 80 }] }],
      hosts: [{ host: 'h.test', backend: 'web' }],
    });
    const remove = planDeleteServer(used, { backend: 'web', endpoint: '10.0.0.1:80' });
    const drain = planPutOverride(used, { backend: 'web', endpoint: '10.0.0.1:80', state: 'draining' });
    const guarded = (brought: Readonly<Record<string, ServerState>>, { objects }: PlannedChange) =>
      changeGuard(used, objects, bringing(brought)).map(({ code }) => code);

    it('lets the last one of operators go while others bring active ones', () => {
      expect(guarded({ '10.0.0.2:80': 'active' }, remove)).toEqual([]);
      expect(guarded({ '10.0.0.2:80': 'active' }, drain)).toEqual([]);
      expect(guarded({ '10.0.0.2:80': 'draining' }, remove)).toEqual(['deactivates_backend']);
      expect(guarded({ '10.0.0.2:80': 'draining' }, drain)).toEqual(['deactivates_backend']);
      expect(guarded({}, remove)).toEqual(['empties_backend']);
    });

    it('lets one go that others bring too: it stays', () => {
      expect(guarded({ '10.0.0.1:80': 'active' }, remove)).toEqual([]);
      expect(guarded({ '10.0.0.1:80': 'active' }, drain)).toEqual(['deactivates_backend']);
    });

    it('holds that the last active one, which others bring, is overridden', () => {
      const bare = applied(used, remove);
      const { objects } = planPutOverride(bare, { backend: 'web', endpoint: '10.0.0.2:80', state: 'disabled' });
      const one = bringing({ '10.0.0.2:80': 'active' });
      expect(changeGuard(bare, objects, one).map(({ code }) => code)).toEqual(['deactivates_backend']);
      const two = bringing({ '10.0.0.2:80': 'active', '10.0.0.3:80': 'active' });
      expect(changeGuard(bare, objects, two)).toEqual([]);
      expect(changeGuard(bare, objects, bringing({ '10.0.0.2:80': 'draining' }))).toEqual([]);
    });

    it('is not asked about backends that lose nothing', () => {
      const { objects } = planPutServer(used, { backend: 'web', document: { address: '10.0.0.2', port: 80 } });
      const never = () => {
        throw new Error('nobody needs to know');
      };
      expect(changeGuard(used, objects, never)).toEqual([]);
    });
  });
});

/** What operators want, and servers that Consul brings to every backend. */
function bringing(states: Readonly<Record<string, ServerState>>): WholeBackend {
  return (name, { backends }) => {
    const entry = backends.get(name);
    if (entry === undefined) return undefined;
    const servers = new Map(entry.servers);
    for (const [endpoint, state] of Object.entries(states)) {
      const document = { address: endpoint.replace(/:.*/, ''), port: 80 };
      servers.set(endpoint, { document, revision: 0, sources: ['consul'], state });
    }
    return { ...entry, servers };
  };
}
