import { compileRoutes } from '@headgate/shared/routing/compiled-routes';
import { configurationWarnings } from './configuration-warnings.ts';
import { stateOf } from './intent-fixture.cases.ts';

function warnings(input: unknown): unknown {
  const state = stateOf(input);
  const subjects = { backends: [...state.backends.keys()].sort(), hosts: [...state.hosts.keys()].sort() };
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
    const reached = ['/api', '/api/', '/api/y', '/x', '/', '/other'].map((target) => compiled.match(target)?.index);
    expect(new Set(reached)).toEqual(new Set([0, 1, 4]));
  });

  it('are about the objects that were asked for alone', () => {
    const state = stateOf({ backends: [{ name: 'a' }, { name: 'b' }], hosts: [] });
    const found = [...configurationWarnings(state, { backends: ['b', 'absent'], hosts: ['absent'] })];
    expect(found.map(({ name }) => name)).toEqual(['b']);
  });
});
