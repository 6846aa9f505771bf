import fc from 'fast-check';
import { applyField } from './apply-diff.cases.ts';
import { fieldChanges } from './field-changes.ts';

describe('fieldChanges', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['nothing of equal documents', { a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, []],
    ['a member that is another', { a: 1, b: 2 }, { a: 1, b: 3 }, [{ pointer: '/b', before: 2, after: 3 }]],
    ['a member that is new', {}, { a: false }, [{ pointer: '/a', after: false }]],
    ['a member that has gone', { a: null }, {}, [{ pointer: '/a', before: null }]],
    ['what lies deep', { a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 1 } } }, [{ pointer: '/a/b/d', before: 2 }]],
    [
      'an item of a list of one length',
      { a: [1, { b: 1 }] },
      { a: [1, { b: 2 }] },
      [{ pointer: '/a/1/b', before: 1, after: 2 }],
    ],
    ['a list that has grown, as a whole', { a: [1] }, { a: [0, 1] }, [{ pointer: '/a', before: [1], after: [0, 1] }]],
    ['another type, as a whole', { a: [1] }, { a: { 0: 1 } }, [{ pointer: '/a', before: [1], after: { 0: 1 } }]],
    ['names with slashes and tildes, escaped', { 'a/b~c': 1 }, {}, [{ pointer: '/a~1b~0c', before: 1 }]],
    ['the whole, when it is no object', 1, 2, [{ pointer: '', before: 1, after: 2 }]],
  ])('has %s', (_, before, after, expected) => {
    expect(fieldChanges(before, after)).toEqual(expected);
  });

  it('applied to any document gives the other one', () => {
    const key = fc.constantFrom('a', 'b', 'x/y', '~1', '__proto__', '');
    const { document } = fc.letrec<{ document: unknown }>((tie) => ({
      document: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>(null, true, 0, 1, 'text'),
        fc.array(tie('document'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('document')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
      ),
    }));
    fc.assert(
      fc.property(document, document, (before, after) => {
        const applied = fieldChanges(before, after).reduce(applyField, structuredClone(before));
        expect(JSON.stringify(sorted(applied))).toBe(JSON.stringify(sorted(after)));
      }),
      { numRuns: 300 },
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, sorted(member)]);
}
