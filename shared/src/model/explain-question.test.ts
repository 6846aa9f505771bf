import { parseExplainQuestion } from './explain-question.ts';

function pointers(input: unknown): readonly string[] {
  const parsed = parseExplainQuestion(input);
  return parsed.ok ? [] : parsed.faults.map(({ pointer }) => pointer);
}

describe('a question about a request', () => {
  it('has defaults for all but the URL', () => {
    expect(parseExplainQuestion({ url: '/x?y=1' })).toEqual({
      ok: true,
      value: { method: 'GET', url: '/x?y=1', headers: [], clientAddress: '127.0.0.1' },
    });
  });

  it('takes several lines of a header, and spaces around values for none of theirs', () => {
    const parsed = parseExplainQuestion({ url: '/', headers: { Cookie: ['a=1 ', '\tb=2'], host: 'x' } });
    expect(parsed.ok && parsed.value.headers).toEqual([
      { name: 'Cookie', value: 'a=1' },
      { name: 'Cookie', value: 'b=2' },
      { name: 'host', value: 'x' },
    ]);
  });

  it('may be about what no data plane would forward', () => {
    expect(pointers({ method: 'TRACE', url: '*', headers: { host: ['a', 'b'] } })).toEqual([]);
  });

  it.each([
    [{}, '/url'],
    [{ url: '' }, '/url'],
    [{ url: '/a b' }, '/url'],
    [{ url: '/a\n' }, '/url'],
    [{ url: `/${'a'.repeat(8_192)}` }, '/url'],
    [{ url: '/', method: 'G T' }, '/method'],
    [{ url: '/', clientAddress: 'localhost' }, '/clientAddress'],
    [{ url: '/', headers: { 'a b': 'x' } }, '/headers/a b'],
    [{ url: '/', headers: { a: 'x\r\ny: z' } }, '/headers/a'],
    [{ url: '/', headers: { a: Array.from({ length: 101 }, () => 'x') } }, '/headers'],
    [{ url: '/', headers: { a: 'x'.repeat(8_192), b: 'x'.repeat(8_192), c: '' } }, '/headers'],
    [{ url: '/', other: 1 }, '/other'],
  ])('is refused as %j', (input, pointer) => {
    expect(pointers(input)).toEqual([pointer]);
  });

  it('is refused without a word of what its headers hold', () => {
    for (const headers of ['secret', { cookie: 'secret\u0000' }, { 'a b': 'secret' }, { cookie: ['secret\u0000'] }]) {
      const parsed = parseExplainQuestion({ url: '/', headers });
      expect(parsed.ok).toBe(false);
      expect(JSON.stringify(parsed)).not.toContain('secret');
    }
  });
});
