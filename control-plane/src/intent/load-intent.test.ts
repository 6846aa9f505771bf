import type { StoredObject } from '../store/store.ts';
import { loadIntent } from './load-intent.ts';

const web: StoredObject = { kind: 'backend', name: 'web', document: { name: 'web' }, revision: 3 };
const server: StoredObject = {
  kind: 'server',
  name: 'web/[fd00::1]:80',
  document: { address: 'fd00::1', port: 80 },
  revision: 3,
};
const override: StoredObject = {
  kind: 'override',
  name: 'web/10.0.0.9:80',
  document: { state: 'draining' },
  revision: 2,
};
const host: StoredObject = {
  kind: 'host',
  name: 'a.example',
  document: { host: 'a.example', backend: 'web' },
  revision: 2,
};

describe('loadIntent', () => {
  it('puts servers and overrides into their backends and counts uses, in whatever order objects come', () => {
    for (const objects of [
      [web, server, override, host],
      [host, override, server, web],
    ]) {
      const state = load(objects);
      expect(state.backends.get('web')).toEqual({
        document: { name: 'web' },
        revision: 3,
        servers: new Map([['[fd00::1]:80', { document: server.document, revision: 3 }]]),
        overrides: new Map([['10.0.0.9:80', { document: override.document, revision: 2 }]]),
        usedBy: 1,
      });
      expect(state.hosts.get('a.example')).toEqual({ document: host.document, revision: 2 });
    }
  });

  it.each([
    ['a server', [server]],
    ['a host', [host]],
  ])('refuses %s whose backend is not there', (_, objects) => {
    expect(() => load(objects)).toThrow('"web"');
  });

  it('refuses a server whose name has no backend', () => {
    expect(() => load([{ ...server, name: '10.0.0.1:80' }])).toThrow('no backend in its name');
  });
});

function load(objects: readonly StoredObject[]): ReturnType<typeof loadIntent> {
  return loadIntent({ epoch: 'e', revision: 3, version: 4, objects });
}
