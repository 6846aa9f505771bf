import { algorithms as names } from '@headgate/shared/model/backend';
import { algorithms, findAlgorithm } from './algorithms.ts';

describe('algorithms', () => {
  it('has every algorithm that a configuration may name', () => {
    expect(Object.keys(algorithms).sort()).toEqual([...names].sort());
    for (const name of names) expect(findAlgorithm(name)).toBe(algorithms[name]);
  });

  it('knows no other names, those of Object’s own members included', () => {
    for (const name of ['', 'least_connections', '__proto__', 'constructor', 'toString']) {
      expect(findAlgorithm(name)).toBeUndefined();
    }
  });
});
