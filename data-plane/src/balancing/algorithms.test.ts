import { algorithms as names, type Algorithm } from '@headgate/shared/model/balance';
import { algorithms, findAlgorithm } from './algorithms.ts';
import { pickerCases } from './picker.cases.ts';

const drawn: ReadonlySet<Algorithm> = new Set(['least_connections', 'power_of_two', 'random']);

for (const name of names) pickerCases(name, { isDrawn: drawn.has(name) });

describe('algorithms', () => {
  it('has every algorithm that a configuration may name', () => {
    expect(Object.keys(algorithms).sort()).toEqual([...names].sort());
    for (const name of names) expect(findAlgorithm(name)).toBe(algorithms[name]);
  });

  it('knows no other names, those of Object’s own members included', () => {
    for (const name of ['', 'least_conn', '__proto__', 'constructor', 'toString']) {
      expect(findAlgorithm(name)).toBeUndefined();
    }
  });
});
