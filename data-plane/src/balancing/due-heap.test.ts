import fc from 'fast-check';
import { DueHeap } from './due-heap.ts';
import { runs } from './picker-stage.cases.ts';

describe('DueHeap', () => {
  it('has whoever is due first at its top, the lowest number of equals, however often the first is postponed', () => {
    const dues = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 });
    const delays = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Infinity)), { maxLength: 60 });
    fc.assert(
      fc.property(dues, delays, (initial, postponements) => {
        const due = [...initial];
        const heap = new DueHeap(due.length);
        heap.rebuild((index) => due[index]!);
        for (const delay of postponements) {
          expect([heap.first, heap.firstDue]).toEqual([due.indexOf(Math.min(...due)), Math.min(...due)]);
          due[heap.first]! += delay;
          heap.postponeFirst(due[heap.first]!);
        }
        heap.rebuild((index) => initial[index]!);
        expect(heap.first).toBe(initial.indexOf(Math.min(...initial)));
      }),
      runs,
    );
  });
});
