import { HostTable } from './host-table.ts';
import { routeRequest } from './route-request.ts';
import type { RouteDecision } from './route-decision.ts';
import { RequestView } from './routed-request.ts';

const draft = HostTable.empty().edit();
draft.set({ pattern: 'app.example.com', routes: [{ path: { prefix: '/api' }, backend: 'api' }] });
draft.set({ pattern: '*.example.com', routes: [{ backend: 'web' }] });
const table = draft.done();

function route(authority: string, target: string): RouteDecision {
  return routeRequest(table, authority, new RequestView('GET', target, []));
}

describe('routeRequest', () => {
  it('names the host that matched and the backend of its route', () => {
    expect(route('app.example.com', '/api/x?y')).toMatchObject({
      kind: 'route',
      host: 'app.example.com',
      route: 0,
      backend: 'api',
    });
    expect(route('www.example.com', '/')).toMatchObject({
      kind: 'route',
      host: '*.example.com',
      backend: 'web',
    });
  });

  it('does not fall back to another host when none of the routes matches', () => {
    expect(route('app.example.com', '/other')).toEqual({ kind: 'no_route', host: 'app.example.com' });
  });

  it('says when nobody has the host', () => {
    expect(route('example.org', '/')).toEqual({ kind: 'unknown_host' });
    expect(route('', '/')).toEqual({ kind: 'unknown_host' });
  });

  it('makes no new object for a decision', () => {
    for (const [authority, target] of [
      ['app.example.com', '/api'],
      ['app.example.com', '/x'],
      ['example.org', '/'],
    ] as const) {
      expect(route(authority, target)).toBe(route(authority, target));
    }
  });
});
