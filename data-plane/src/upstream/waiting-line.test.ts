import fc from 'fast-check';
import { WaitingLine, type Place } from './waiting-line.ts';

function items(line: WaitingLine<number>): number[] {
  const found: number[] = [];
  for (let place = line.first; place !== undefined; place = place.next) found.push(place.item);
  return found;
}

describe('WaitingLine', () => {
  it('keeps the order of arrival whoever leaves, and knows its length', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat()), { maxLength: 60 }), (steps) => {
        const line = new WaitingLine<number>();
        const model: Place<number>[] = [];
        steps.forEach((leaving, index) => {
          if (leaving === null) model.push(line.append(index, index));
          else if (model.length > 0) expect(line.remove(model.splice(leaving % model.length, 1)[0]!)).toBe(true);
          expect([items(line), line.length]).toEqual([model.map(({ item }) => item), model.length]);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('removes a place once', () => {
    const line = new WaitingLine<string>();
    const place = line.append('a', 0);
    line.append('b', 0);
    expect([line.remove(place), line.remove(place), line.length]).toEqual([true, false, 1]);
  });
});
