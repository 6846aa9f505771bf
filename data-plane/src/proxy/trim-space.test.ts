import { trimSpace } from './trim-space.ts';

describe('trimSpace', () => {
  it('takes away spaces and tabs around a text, and leaves those within', () => {
    expect(trimSpace(' \t a \tb\t ')).toBe('a \tb');
    expect(trimSpace(' \t')).toBe('');
  });

  it('leaves everything else that is white space elsewhere', () => {
    for (const other of ['\xa0', '\x85', '\ufeff', '\x0b'])
      expect(trimSpace(`${other}a${other}`)).toBe(`${other}a${other}`);
  });
});
