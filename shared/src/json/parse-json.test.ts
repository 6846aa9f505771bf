import fc from 'fast-check';
import { parseJson } from './parse-json.ts';

function faultsOf(text: string, limits?: { readonly maxDepth: number }) {
  const checked = parseJson(text, limits);
  return checked.ok ? [] : checked.faults.map(({ pointer, code, detail }) => ({ pointer, code, detail }));
}

function codesOf(text: string): string[] {
  return faultsOf(text).map(({ code, pointer }) => `${code} ${pointer}`);
}

function accepts(parse: (text: string) => void, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('parseJson', () => {
  it('gives the value of a JSON text', () => {
    const text = ' {"a": [1, -2.5e+3, "\\u00e9\\n/", true, false, null], "b": {"c": {}, "d": []}}\r\n\t';
    expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
    for (const scalar of ['0', '-0', '"x"', 'null', 'true']) expect(parseJson(scalar).ok).toBe(true);
  });

  it('accepts what JSON.parse gives back for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        fc.pre(!text.includes('__proto__'));
        expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
      }),
    );
  });

  it('agrees with JSON.parse on what is JSON, for texts made of its own pieces', () => {
    const piece = fc.constantFrom(
      ...'{}[],:"\\/ue0-+.1 \n'.split(''),
      ...['"a"', '"b":', 'true', 'nul', 'null', '1e5', '01', '\\u12', '"\\ud800"', '\u0000', '\u00a0', "'", '12', '-'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const text = pieces.join('');
        const faults = faultsOf(text);
        if (faults.some(({ code }) => code === 'duplicate_key')) return;
        expect([text, faults.length === 0]).toEqual([text, accepts(JSON.parse, text)]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('agrees with JSON.parse on texts with one character changed, added or lost', () => {
    const base = '{"name":"w\\u00e9b","list":[1,-0.5e-7,{"x":null}],"yes":true}';
    fc.assert(
      fc.property(
        fc.nat(base.length),
        fc.constantFrom('', ...'{}[],:"\\ue0-+.1 \n\u0007tx'.split('')),
        fc.boolean(),
        (at, insert, replace) => {
          const text = base.slice(0, at) + insert + base.slice(replace ? at + 1 : at);
          expect([text, parseJson(text).ok]).toEqual([text, accepts(JSON.parse, text)]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('has an own fault for nothing at all', () => {
    for (const text of ['', ' ', '\r\n\t ']) {
      expect(faultsOf(text)).toEqual([{ pointer: '', code: 'empty_document', detail: 'there is nothing in it' }]);
    }
  });

  it('names line, column and place of a syntax fault', () => {
    expect(faultsOf('{\n  "backends": [\n    {"name": web}\n  ]\n}')).toEqual([
      { pointer: '/backends/0/name', code: 'bad_syntax', detail: 'there is an unexpected "w" at line 3, column 14' },
    ]);
    expect(faultsOf('{"a": 1} x')[0]).toMatchObject({
      pointer: '',
      detail: 'there is an unexpected "x" at line 1, column 10',
    });
    expect(faultsOf('[1,\n2,]')[0]).toMatchObject({
      pointer: '/2',
      detail: 'there is an unexpected "]" at line 2, column 3',
    });
    expect(faultsOf('{"a":1,}')[0]).toMatchObject({
      pointer: '',
      detail: 'there is an unexpected "}" at line 1, column 8',
    });
  });

  it('says where a truncated text ends', () => {
    const text = '{"backends": [{"name": "web"}], "hosts": [{"host": "a"';
    for (let length = 1; length < text.length; length++) {
      expect(faultsOf(text.slice(0, length))).toEqual([
        expect.objectContaining({
          code: 'bad_syntax',
          detail: `the text ends too early, at line 1, column ${length + 1}`,
        }),
      ]);
    }
  });

  it('never shows a control character as it is', () => {
    const [fault] = faultsOf('["a\u001b[31m"]');
    expect(fault).toMatchObject({ code: 'bad_syntax', detail: 'there is an unexpected "\\u001b" at line 1, column 4' });
    expect(faultsOf('\u202ex')[0]?.detail).toContain('"\\u202e"');
  });

  it('refuses a key that stands twice in one object, however it is written', () => {
    expect(codesOf('{"a": 1, "\\u0061": 2}')).toEqual(['duplicate_key /a']);
    expect(codesOf('{"x": [{"/~": 1, "b": 2, "\\/~": 3}]}')).toEqual(['duplicate_key /x/0/~1~0']);
    expect(codesOf('{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}')).toEqual([]);
  });

  it('reports every duplicate, and all that comes before a syntax fault', () => {
    expect(codesOf('{"a":1,"a":2,"b":{"c":1,"c":1,"c":1}}')).toEqual([
      'duplicate_key /a',
      'duplicate_key /b/c',
      'duplicate_key /b/c',
    ]);
    expect(codesOf('{"a":1,"a":2,')).toEqual(['duplicate_key /a', 'bad_syntax ']);
  });

  it('finds duplicates among many keys', () => {
    const keys = Array.from({ length: 5_000 }, (_, index) => `"k${index}":0`);
    expect(codesOf(`{${keys.join()}}`)).toEqual([]);
    expect(codesOf(`{${[...keys, '"k4711":1'].join()}}`)).toEqual(['duplicate_key /k4711']);
    expect(codesOf(`{${[...keys.slice(0, 8), '"k7":1', '"k8":1', '"k8":1'].join()}}`)).toEqual([
      'duplicate_key /k7',
      'duplicate_key /k8',
    ]);
  });

  it('refuses __proto__ as a key at any depth and in any spelling', () => {
    expect(codesOf('{"__proto__": {"admin": true}}')).toEqual(['forbidden_key /__proto__']);
    expect(codesOf('[{"a": {"\\u005f_proto__": 1}}]')).toEqual(['forbidden_key /0/a/__proto__']);
    expect(parseJson('{"a": "__proto__", "constructor": 1}').ok).toBe(true);
  });

  it('lets lone surrogates pass as JSON.parse does', () => {
    expect(parseJson('["\\ud800", "\ud800"]')).toEqual({ ok: true, value: ['\ud800', '\ud800'] });
  });

  it('accepts 32 levels and refuses the 33rd', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseJson(nested(32)).ok).toBe(true);
    expect(codesOf(nested(33))).toEqual([`too_deep ${'/0'.repeat(32)}`]);
    expect(codesOf('{"a":'.repeat(33) + '1' + '}'.repeat(33))).toEqual([`too_deep ${'/a'.repeat(32)}`]);
    expect(faultsOf('[[[]]]', { maxDepth: 2 })).toEqual([
      expect.objectContaining({ code: 'too_deep', pointer: '/0/0' }),
    ]);
  });

  it('looks no further than the limit into what nests a million deep', () => {
    for (const text of ['['.repeat(5_000), '['.repeat(1_000_000), '{"a":'.repeat(1_000_000)]) {
      const charCodeAt = jest.spyOn(String.prototype, 'charCodeAt');
      const faults = faultsOf(text);
      const looks = charCodeAt.mock.calls.length;
      charCodeAt.mockRestore();
      expect(faults).toEqual([expect.objectContaining({ code: 'too_deep' })]);
      expect(looks).toBeLessThan(1_000);
    }
  });

  it('refuses an object of more keys than any configuration has', () => {
    const keys = Array.from({ length: 10_001 }, (_, index) => `"k${index}":0`);
    expect(codesOf(`{"a":{${keys.slice(0, 10_000).join()}}}`)).toEqual([]);
    expect(codesOf(`{"a":{${keys.join()}}}`)).toEqual(['too_many_keys /a']);
  });

  it('stops at a thousand faults', () => {
    const keys = Array.from({ length: 3_000 }, () => '"a":0');
    expect(faultsOf(`{${keys.join()}}`)).toHaveLength(1_000);
  });

  it('reads 16 MiB', () => {
    const item = '{"address":"10.0.0.1","port":8080,"weight":1}';
    const text = `[${Array.from({ length: 360_000 }, () => item).join()}]`;
    expect(text.length).toBeGreaterThan(16_000_000);
    const checked = parseJson(text);
    expect(checked.ok && (checked.value as unknown[]).length).toBe(360_000);
  });
});
