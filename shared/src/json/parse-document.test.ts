import { parseDocument } from './parse-document.ts';

function valueOf(text: string): unknown {
  const checked = parseDocument(text);
  return checked.ok ? checked.value : checked.faults;
}

function faultsOf(text: string): string[] {
  const checked = parseDocument(text);
  return checked.ok ? [] : checked.faults.map(({ code, pointer }) => `${code} ${pointer}`);
}

describe('parseDocument', () => {
  it('reads JSON', () => {
    expect(valueOf('{"a": [1, "x", null]}')).toEqual({ a: [1, 'x', null] });
    expect(valueOf('\ufeff[]')).toEqual([]);
  });

  it('reads YAML in block and flow style', () => {
    const text = [
      '# the demo',
      'backends:',
      '  - name: web',
      '    servers: [{ address: 10.0.0.11, port: 8080 }, { address: "::1", port: 8081 }]',
      'hosts:',
      '  - host: "*.example.com"',
      "    backend: 'web'",
    ].join('\n');
    expect(valueOf(text)).toEqual({
      backends: [
        {
          name: 'web',
          servers: [
            { address: '10.0.0.11', port: 8080 },
            { address: '::1', port: 8081 },
          ],
        },
      ],
      hosts: [{ host: '*.example.com', backend: 'web' }],
    });
    expect(valueOf('{ backends: [], hosts: [] }')).toEqual({ backends: [], hosts: [] });
  });

  it('reads YAML 1.2, in which yes and on are words', () => {
    expect(valueOf('a: yes\non: true\nb: ~\nc: 0x10\nd: 1.5')).toEqual({ a: 'yes', on: true, b: null, c: 16, d: 1.5 });
  });

  it('has an own fault for nothing at all', () => {
    for (const text of ['', '\ufeff', ' \n', '# only a comment\n', '---\n'])
      expect(faultsOf(text)).toEqual(['empty_document ']);
    expect(parseDocument('null')).toEqual({ ok: true, value: null });
  });

  it('tells broken JSON as broken JSON', () => {
    const checked = parseDocument('{"backends": [{"name": "web"}], "hosts": [');
    expect(!checked.ok && checked.faults).toEqual([
      expect.objectContaining({ code: 'bad_syntax', detail: 'the text ends too early, at line 1, column 43' }),
    ]);
  });

  it('names line and column of broken YAML', () => {
    const checked = parseDocument('backends: []\nhosts: [\n  a: b: c\n');
    expect(!checked.ok && checked.faults[0]).toMatchObject({
      code: 'bad_syntax',
      detail: expect.stringMatching(/at line 3, column \d+$/) as string,
    });
    expect(faultsOf('\tq: 1')).toEqual(['bad_syntax ']);
  });

  it('refuses duplicate keys, with their place', () => {
    expect(faultsOf('a: 1\nb:\n  - c: 1\n    "c": 2\na: 3')).toEqual(['duplicate_key /b/0/c', 'duplicate_key /a']);
    expect(faultsOf('{"a": 1, "a": 2}')).toEqual(['duplicate_key /a']);
    expect(faultsOf('{ a: 1, a: 2 }')).toEqual(['duplicate_key /a']);
  });

  it('refuses __proto__ as a key', () => {
    expect(faultsOf('a:\n  __proto__: { admin: true }')).toEqual(['forbidden_key /a/__proto__']);
    expect(faultsOf('{"__proto__": 1}')).toEqual(['forbidden_key /__proto__']);
  });

  it('refuses keys that are not text', () => {
    expect(faultsOf('? [a]\n: 1')).toEqual(['bad_syntax ']);
  });

  it('refuses tags beyond the core schema, and shows nothing of what they stand before', () => {
    for (const text of ['a: !secret x', 'a: !!binary aGVsbG8=', '!!set {a}', 'a: !!js/function "x"']) {
      const checked = parseDocument(text);
      expect(!checked.ok && checked.faults[0]?.code).toBe('bad_syntax');
      expect(JSON.stringify(checked)).not.toMatch(/secret|aGVs/);
    }
  });

  it('refuses a second document', () => {
    expect(faultsOf('a: 1\n---\nb: 2')).toEqual(['bad_syntax ']);
  });

  it('copies what an alias names', () => {
    const value = valueOf('check: &check { type: tcp }\nagain: *check') as Record<string, unknown>;
    expect(value).toEqual({ check: { type: 'tcp' }, again: { type: 'tcp' } });
    expect(value['again']).not.toBe(value['check']);
  });

  it('refuses an alias without an anchor', () => {
    expect(faultsOf('a: *nobody')).toEqual(['bad_syntax /a']);
  });

  it('refuses aliases that contain themselves', () => {
    expect(faultsOf('a: &a [*a]')).toEqual([`too_deep /a${'/0'.repeat(31)}`]);
    expect(faultsOf('a: &a [*a, *a]').every((fault) => fault.startsWith('too_deep'))).toBe(true);
  });

  it('refuses aliases that blow up', () => {
    const names = 'abcdefghi'.split('');
    const lines = names
      .slice(1)
      .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${names[index]}`).join()}]`);
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]', ...lines].join('\n');
    expect(faultsOf(bomb)).toEqual([expect.stringMatching(/^bad_syntax \//)]);
  });

  it('accepts 32 levels and refuses more, in either style, without recursion', () => {
    expect(parseDocument(`a: ${'['.repeat(31)}${']'.repeat(31)}`).ok).toBe(true);
    expect(faultsOf(`a: ${'['.repeat(32)}${']'.repeat(32)}`)).toEqual(['too_deep ']);
    for (const deep of ['a: ' + '['.repeat(5_000), '- '.repeat(1_000_000), '? '.repeat(5_000), '['.repeat(1_000_000)]) {
      expect(faultsOf(deep)).toEqual([expect.stringMatching(/^too_deep /)]);
    }
    const indented = Array.from({ length: 40 }, (_, index) => `${' '.repeat(index)}a:`).join('\n');
    expect(faultsOf(indented)).toEqual(['too_deep ']);
  });

  it('reports at most a hundred faults of YAML', () => {
    expect(faultsOf('- *x\n'.repeat(1_000))).toHaveLength(100);
    expect(faultsOf('- !x 1\n'.repeat(1_000))).toHaveLength(100);
    expect(faultsOf(`{${'a: b, '.repeat(1_000)}}`)).toHaveLength(100);
  });

  it('refuses YAML beyond 8 MiB, and says what to do', () => {
    const checked = parseDocument(`a: ${'x'.repeat(8 * 1_024 * 1_024)}`);
    expect(!checked.ok && checked.faults).toEqual([
      expect.objectContaining({ code: 'too_large', fix: expect.stringContaining('JSON') as string }),
    ]);
  });
});
