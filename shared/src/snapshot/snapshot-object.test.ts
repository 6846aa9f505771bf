import { resolveBackend } from '../model/backend.ts';
import { resolveServer } from '../model/server.ts';
import { keyOf, serverKey } from './snapshot-object.ts';
import { noSnapshot, sameSnapshot } from './snapshot-id.ts';

describe('keyOf', () => {
  it('names objects by kind and by what is unique in it', () => {
    expect(keyOf({ kind: 'backend', value: resolveBackend({ name: 'web' }) })).toBe('backend/web');
    expect(keyOf({ kind: 'host', value: { pattern: '*.example.com', routes: [] } })).toBe('host/*.example.com');
    const server = resolveServer('web', { address: 'fd00::1', port: 80 });
    expect(keyOf({ kind: 'server', value: server })).toBe('server/web/[fd00::1]:80');
    expect(serverKey(server)).toBe('web/[fd00::1]:80');
  });

  it('tells one address in two backends apart', () => {
    const server = { address: '10.0.0.1', port: 80 };
    expect(serverKey({ backend: 'a', ...server })).not.toBe(serverKey({ backend: 'b', ...server }));
  });
});

describe('sameSnapshot', () => {
  it('compares epoch and version', () => {
    expect(sameSnapshot({ epoch: 'a', version: 2 }, { epoch: 'a', version: 2 })).toBe(true);
    expect(sameSnapshot({ epoch: 'a', version: 2 }, { epoch: 'b', version: 2 })).toBe(false);
    expect(sameSnapshot({ epoch: 'a', version: 2 }, noSnapshot)).toBe(false);
  });
});
