import { backendNameType } from './backend-name-type.ts';

describe('the type of a backend’s name', () => {
  it('takes names', () => {
    expect(backendNameType.parse('web-2.eu')).toEqual({ ok: true, value: 'web-2.eu' });
  });

  it.each(['', '-web', 'a/b', 'x'.repeat(64)])('refuses "%s"', (text) => {
    expect(backendNameType.parse(text).ok).toBe(false);
  });
});
