import fc from 'fast-check';
import { sameDocument } from './same-document.ts';

describe('sameDocument', () => {
  it('does not look at the order of keys', () => {
    expect(sameDocument({ a: 1, b: { c: [1], d: null } }, { b: { d: null, c: [1] }, a: 1 })).toBe(true);
  });

  it('takes a member that is undefined for absent', () => {
    expect(sameDocument({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameDocument({ a: undefined }, { b: 1 })).toBe(false);
  });

  it.each([
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 1]],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [{}, []],
    [{}, null],
    [undefined, {}],
    ['1', 1],
    [JSON.parse('{"__proto__":{}}'), { x: {} }],
    [{ toString: 1 }, {}],
  ])('tells %j from %j', (a, b) => {
    expect(sameDocument(a, b)).toBe(false);
    expect(sameDocument(b, a)).toBe(false);
  });

  it('agrees with deep equality on any two JSON values', () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const copy = JSON.parse(JSON.stringify(a)) as unknown;
        expect(sameDocument(a, copy)).toBe(true);
        expect(sameDocument(copy, b)).toBe(isEqual(copy, JSON.parse(JSON.stringify(b))));
      }),
    );
  });
});

function isEqual(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}
