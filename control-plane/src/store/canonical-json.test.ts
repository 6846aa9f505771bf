import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson', () => {
  it('orders keys at every depth, and nothing else', () => {
    expect(canonicalJson({ b: [3, 1, { d: null, c: true }], a: 'x' })).toBe('{"a":"x","b":[3,1,{"c":true,"d":null}]}');
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1, c: undefined })).toBe('{"b":1}');
  });

  it('keeps a member called __proto__', () => {
    expect(canonicalJson(JSON.parse('{"x":1,"__proto__":{"y":2}}'))).toBe('{"__proto__":{"y":2},"x":1}');
  });

  it.each([[Number.NaN], [Infinity], [undefined], [() => 1], [10n], [new Date(0)], [[undefined]]])(
    'refuses %p',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );

  it('says the same as JSON, in one spelling', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(backwards(value))).toBe(text);
      }),
    );
  });
});

/** The same value with its keys in the opposite order of insertion. */
function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, backwards(member)]),
  );
}
