import fc from 'fast-check';
import { includesScope, tokenScope, tokenScopeSchema } from './token-scope.ts';

const web = tokenScope('write:backends/web');

describe('scopes of tokens', () => {
  it.each([
    ['admin', 'admin', true],
    ['admin', 'read', true],
    ['admin', 'register:backends/web', true],
    ['write', 'read', true],
    ['write', 'write:backends/web', true],
    ['write', 'register:backends/web', true],
    ['write', 'admin', false],
    ['read', 'write', false],
    ['read', 'write:backends/web', false],
    ['read', 'admin', false],
    ['write:backends/web', 'write', false],
    ['write:backends/web', 'read', false],
    ['write:backends/web', 'write:backends/web2', false],
    ['write:backends/web', 'write:backends/WEB', false],
    ['write:backends/web', 'register:backends/web', false],
    ['register:backends/web', 'write:backends/web', false],
    ['register:backends/web', 'register:backends/web', true],
  ])('%s includes %s: %s', (granted, needed, included) => {
    expect(includesScope(tokenScope(granted), tokenScope(needed))).toBe(included);
  });

  it.each([
    '',
    'Admin',
    'write:',
    'write:backends/',
    'write:backends/*',
    'write:hosts/a',
    'read:backends/web',
    ' read',
  ])('refuses "%s"', (text) => {
    expect(tokenScopeSchema.safeParse(text).success).toBe(false);
    expect(() => tokenScope(text)).toThrow(TypeError);
  });

  it('never lets a scope of one backend reach another', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
    fc.assert(
      fc.property(name, name, fc.constantFrom('write', 'register'), (mine, other, verb) => {
        const granted = tokenScope(`${verb}:backends/${mine}`);
        expect(includesScope(granted, tokenScope(`write:backends/${other}`))).toBe(verb === 'write' && mine === other);
        for (const whole of ['read', 'write', 'admin']) expect(includesScope(granted, tokenScope(whole))).toBe(false);
      }),
    );
    expect(includesScope(web, web)).toBe(true);
  });
});
