import { HostTable } from './host-table.ts';
import { routeRequest } from './route-request.ts';

const draft = HostTable.empty().edit();
draft.set({ pattern: 'app.example.com', routes: [{ path: { prefix: '/api' }, backend: 'api' }] });
draft.set({ pattern: '*.example.com', routes: [{ backend: 'web' }] });
const table = draft.done();

describe('routeRequest', () => {
  it('names the host that matched and the backend of its route', () => {
    expect(routeRequest(table, 'app.example.com', '/api/x?y')).toMatchObject({
      kind: 'route',
      host: 'app.example.com',
      backend: 'api',
    });
    expect(routeRequest(table, 'www.example.com', '/')).toMatchObject({
      kind: 'route',
      host: '*.example.com',
      backend: 'web',
    });
  });

  it('does not fall back to another host when none of the routes matches', () => {
    expect(routeRequest(table, 'app.example.com', '/other')).toEqual({ kind: 'no_route', host: 'app.example.com' });
  });

  it('says when nobody has the host', () => {
    expect(routeRequest(table, 'example.org', '/')).toEqual({ kind: 'unknown_host' });
    expect(routeRequest(table, '', '/')).toEqual({ kind: 'unknown_host' });
  });

  it('makes no new object for a decision', () => {
    for (const [authority, target] of [
      ['app.example.com', '/api'],
      ['app.example.com', '/x'],
      ['example.org', '/'],
    ] as const) {
      expect(routeRequest(table, authority, target)).toBe(routeRequest(table, authority, target));
    }
  });
});
