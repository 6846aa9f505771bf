import fc from 'fast-check';
import { echoText, echoValue } from './echo-value.ts';

describe('echoText', () => {
  it('leaves ordinary text alone, in any script', () => {
    for (const text of ['', 'web', 'größer', '日本語', '🙂', 'a'.repeat(60)]) expect(echoText(text)).toBe(text);
  });

  it('spells out what a terminal or an editor would obey', () => {
    expect(echoText('a\u0000\n\u001b[31m\u007f\u0085')).toBe('a\\u0000\\u000a\\u001b[31m\\u007f\\u0085');
    expect(echoText('\u202egnp.exe \u2028 \u200b\ufeff')).toBe('\\u202egnp.exe \\u2028 \\u200b\\ufeff');
    expect(echoText('\ud800x\udc00')).toBe('\\ud800x\\udc00');
  });

  it('shortens what is long, never inside a pair or an escape', () => {
    expect(echoText('a'.repeat(61))).toBe(`${'a'.repeat(60)}…`);
    expect(echoText('🙂'.repeat(31))).toBe(`${'🙂'.repeat(30)}…`);
    expect(echoText(`a${'🙂'.repeat(30)}`)).toBe(`a${'🙂'.repeat(29)}…`);
    expect(echoText('\u0001'.repeat(11))).toBe(`${'\\u0001'.repeat(10)}…`);
    expect(echoText('abcdef', 3)).toBe('abc…');
  });

  it('is short and free of control characters, whatever it is given', () => {
    const nasty = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(
        fc.oneof(
          nasty,
          nasty.map((text) => text.repeat(20)),
        ),
        (text) => {
          const echoed = echoText(text);
          expect(echoed.length).toBeLessThanOrEqual(61);
          expect(echoed).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u);
          expect(echoed.isWellFormed()).toBe(true);
        },
      ),
    );
  });
});

describe('echoValue', () => {
  it('puts texts in quotes and says of lists and objects only what they are', () => {
    expect(['x', 5, NaN, true, null, undefined, [1], { a: 1 }].map(echoValue)).toEqual([
      '"x"',
      '5',
      'NaN',
      'true',
      'null',
      'undefined',
      'the list',
      'the object',
    ]);
  });
});
