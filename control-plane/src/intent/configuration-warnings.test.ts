import { compileRoutes } from '@headgate/shared/routing/compiled-routes';
import { RequestView } from '@headgate/shared/routing/routed-request';
import { configurationWarnings } from './configuration-warnings.ts';
import { applied, stateOf, withStates } from './intent-fixture.cases.ts';
import type { IntentState } from './intent-state.ts';
import { planDeleteServer } from './plan-delete-server.ts';
import { overrideNames } from './server-state.ts';

function warnings(input: unknown): unknown {
  return warningsAbout(stateOf(input));
}

function warningsAbout(state: IntentState): unknown {
  const subjects = {
    backends: [...state.backends.keys()].sort(),
    hosts: [...state.hosts.keys()].sort(),
    overrides: overrideNames(state),
  };
  return [...configurationWarnings(state, subjects)].map(({ kind, name, route, code }) => [kind, name, code, route]);
}

const server = { address: '10.0.0.1', port: 80 };

describe('the warnings about a configuration', () => {
  it('are none where everything is meant', () => {
    const routes = [
      { match: { path: { exact: '/api' } }, backend: 'web' },
      { match: { path: { prefix: '/api' } }, backend: 'web' },
      { match: { path: { exact: '/api/' } }, backend: 'web' },
      { match: { path: { prefix: '/API' } }, backend: 'web' },
      { backend: 'web' },
    ];
    expect(warnings({ backends: [{ name: 'web', servers: [server] }], hosts: [{ host: '*', routes }] })).toEqual([]);
  });

  it('tell unused backends, and those in use without servers', () => {
    const backends = [{ name: 'c', servers: [server] }, { name: 'b' }, { name: 'a' }];
    expect(warnings({ backends, hosts: [{ host: '*', backend: 'b' }] })).toEqual([
      ['backend', 'a', 'unused_backend', undefined],
      ['backend', 'b', 'no_servers', undefined],
      ['backend', 'c', 'unused_backend', undefined],
    ]);
  });

  it('tell routes that an earlier one takes everything from, as routing does', () => {
    const paths = [
      { prefix: '/api' },
      { exact: '/x' },
      { prefix: '/api/' },
      { exact: '/x' },
      undefined,
      { prefix: '/' },
      { prefix: '/api' },
    ];
    const routes = paths.map((path, index) => ({ backend: 'web', ...(path && { match: { path } }), index }));
    const documents = routes.map(({ index: _index, ...route }) => route);
    expect(
      warnings({ backends: [{ name: 'web', servers: [server] }], hosts: [{ host: 'h.test', routes: documents }] }),
    ).toEqual([2, 3, 5, 6].map((route) => ['host', 'h.test', 'shadowed_route', route]));
    const compiled = compileRoutes(paths.map((path, index) => ({ path, index })));
    const reached = ['/api', '/api/', '/api/y', '/x', '/', '/other'].map(
      (target) => compiled.match(new RequestView('GET', target, []))?.index,
    );
    expect(new Set(reached)).toEqual(new Set([0, 1, 4]));
  });

  it('count every backend among which a route shares its requests out as used', () => {
    const backends = [{ name: 'a', servers: [server] }, { name: 'b' }];
    const split = [{ name: 'a' }, { name: 'b', weight: 0 }];
    expect(warnings({ backends, hosts: [{ host: '*', routes: [{ backends: split }] }] })).toEqual([
      ['backend', 'b', 'no_servers', undefined],
    ]);
  });

  it('tell backends in use without an active server, and overrides without a server', () => {
    const backends = [{ name: 'web', servers: [server, { ...server, port: 81 }] }];
    const used = stateOf({ backends, hosts: [{ host: '*', backend: 'web' }] });
    const half = withStates(used, 'web', { '10.0.0.1:80': 'draining' });
    expect(warningsAbout(half)).toEqual([]);
    expect(warningsAbout(withStates(half, 'web', { '10.0.0.1:81': 'disabled' }))).toEqual([
      ['backend', 'web', 'no_active_server', undefined],
    ]);
    const left = applied(half, planDeleteServer(half, { backend: 'web', endpoint: '10.0.0.1:80' }));
    expect(warningsAbout(left)).toEqual([['override', 'web/10.0.0.1:80', 'no_such_server', undefined]]);
  });

  it('say so where servers come by themselves and none has', () => {
    const backends = [{ name: 'a' }, { name: 'b', registration: { ttl: '30s' } }];
    const routes = [{ backends: [{ name: 'a' }, { name: 'b' }] }];
    const state = stateOf({ backends, hosts: [{ host: '*', routes }] });
    const found = [...configurationWarnings(state, { backends: ['a', 'b'], hosts: [], overrides: [] })];
    expect(found).toMatchObject([
      { name: 'a', code: 'no_servers', detail: 'hosts name it, and it has no servers' },
      { name: 'b', code: 'no_servers', fix: expect.stringContaining('let its servers register') as string },
    ]);
  });

  it('are about the objects that were asked for alone', () => {
    const state = stateOf({ backends: [{ name: 'a' }, { name: 'b' }], hosts: [] });
    const found = [
      ...configurationWarnings(state, {
        backends: ['b', 'absent'],
        hosts: ['absent'],
        overrides: ['absent/10.0.0.1:80'],
      }),
    ];
    expect(found.map(({ name }) => name)).toEqual(['b']);
  });
});
