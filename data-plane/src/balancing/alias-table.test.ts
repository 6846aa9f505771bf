import fc from 'fast-check';
import { AliasTable } from './alias-table.ts';
import { runs } from './picker-stage.cases.ts';

describe('AliasTable', () => {
  it('draws every number by its weight, evenly over all lots', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(weights, (of) => {
        const table = new AliasTable(of);
        const total = of.reduce((a, b) => a + b, 0);
        const counts = of.map(() => 0);
        const lots = 20_000;
        for (let lot = 0; lot < lots; lot++) counts[table.draw((lot + 0.5) / lots)]!++;
        // Each column is cut at one place, which a lot may miss.
        of.forEach((weight, index) =>
          expect(Math.abs(counts[index]! - (lots * weight) / total)).toBeLessThanOrEqual(of.length + 1),
        );
      }),
      runs,
    );
  });
});
