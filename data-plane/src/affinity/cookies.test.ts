import fc from 'fast-check';
import { onlyCookie } from './only-cookie.ts';
import { stripCookie } from './strip-cookie.ts';

describe('the one cookie of a name', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['is found alone', ['Cookie', 'route=x'], 'x'],
    ['is found among others, whatever the case of the field', ['cOOKIE', 'a=1; route=x; b=2'], 'x'],
    ['is found in any of several fields', ['Cookie', 'a=1', 'X-Other', 'route=y', 'cookie', 'route=x'], 'x'],
    ['is found without blanks, and with many', ['Cookie', 'a=1;route \t=  x ;b=2'], 'x'],
    ['keeps what follows a second equals sign', ['Cookie', 'route=a=b'], 'a=b'],
    ['may be empty', ['Cookie', 'route='], ''],
    ['is none when there is none', ['Cookie', 'a=1; Route=x; routes=y; xroute=z'], undefined],
    ['is none in other fields', ['X-Cookie', 'route=x', 'Set-Cookie', 'route=x'], undefined],
    ['is none without an equals sign', ['Cookie', 'route; a=1'], undefined],
    ['is none when it stands in the value of another', ['Cookie', 'a=route=x'], undefined],
    ['is none when it comes twice in a field', ['Cookie', 'route=x; route=x'], undefined],
    ['is none when it comes in two fields', ['Cookie', 'route=x', 'Cookie', 'route=y'], undefined],
    ['is none when its name ends in a byte that only looks like a blank', ['Cookie', 'route\u00a0=x'], undefined],
    ['is none in no field at all', [], undefined],
  ])('%s', (_, rawHeaders, expected) => {
    expect(onlyCookie(rawHeaders, 'route')).toBe(expected);
  });

  it('is what splitting the field at every semicolon finds', () => {
    fc.assert(
      fc.property(cookieField(), (field) => {
        const all = naivePairs(field).filter(({ name }) => name === 'route');
        expect(onlyCookie(['Cookie', field], 'route')).toBe(all.length === 1 ? all[0]!.value : undefined);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a field without equals signs no longer than one look', () => {
    // Looking for the next equals sign at each semicolon would be 10^10 steps.
    expect(onlyCookie(['Cookie', `route${';'.repeat(100_000)}`], 'route')).toBeUndefined();
  });
});

describe('a field without a cookie', () => {
  it.each<[string, string, string | undefined]>([
    ['loses it at the front', 'route=x; a=1;  b=2', 'a=1;  b=2'],
    ['loses it in the middle', 'a=1; route=x;b=2', 'a=1;b=2'],
    ['loses it at the end', 'a=1; b=2; route=x', 'a=1; b=2'],
    ['loses all of that name', 'route=1; a=1; route=2; route=3', 'a=1'],
    ['goes when it was the only one', 'route=x', undefined],
    ['goes when nothing but separators is left', 'route=x; ; route=y ;', undefined],
    ['stays as it is without one', ' a=1;; routes=2 ;b', ' a=1;; routes=2 ;b'],
    ['keeps what only looks like it', 'Route=1; route; a=route=1', 'Route=1; route; a=route=1'],
  ])('%s', (_, field, expected) => {
    expect(stripCookie(field, 'route')).toBe(expected);
  });

  it('has every other cookie, byte for byte and in order', () => {
    fc.assert(
      fc.property(cookieField(), (field) => {
        const others = naivePairs(field).filter(({ name }) => name !== 'route');
        const stripped = stripCookie(field, 'route');
        const left = stripped === undefined ? [] : naivePairs(stripped);
        expect(left.map(({ text }) => text).filter((text) => text !== '')).toEqual(
          others.map(({ text }) => text).filter((text) => text !== ''),
        );
      }),
      { numRuns: 500 },
    );
  });
});

function cookieField(): fc.Arbitrary<string> {
  const piece = fc.constantFrom('route', 'a', 'routes', '=', ';', '; ', ' ', '\t', 'x', '"', ',', 'é');
  return fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
}

function naivePairs(
  field: string,
): readonly { readonly name?: string; readonly value: string; readonly text: string }[] {
  return field.split(';').map((part) => {
    const text = part.replace(/^[ \t]+|[ \t]+$/g, '');
    const equals = text.indexOf('=');
    if (equals === -1) return { value: '', text };
    return {
      name: text.slice(0, equals).replace(/[ \t]+$/, ''),
      value: text.slice(equals + 1).replace(/^[ \t]+/, ''),
      text,
    };
  });
}
