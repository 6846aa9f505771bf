import { kindName, kindNumber, keyOfRemoval, removalOf } from './object-kind.ts';

describe('object kinds', () => {
  it.each(['backend', 'server', 'host'] as const)('are numbers on the wire and names in the model: %s', (kind) => {
    expect(kindName(kindNumber(kind))).toBe(kind);
  });

  it('keep the key of a removed object', () => {
    const key = 'server/web/[fd00::1]:80';
    expect(removalOf(key)).toEqual({ kind: kindNumber('server'), name: 'web/[fd00::1]:80' });
    expect(keyOfRemoval(removalOf(key))).toBe(key);
  });

  it('say when a removal is of an unknown kind', () => {
    expect(keyOfRemoval({ kind: 6, name: 'x' })).toBeUndefined();
  });
});
