import { resolveSession } from '@headgate/shared/model/session';
import { sessionCookieFormat } from './session-cookie.ts';

describe('the cookie of a session', () => {
  it.each([
    [{}, false, 'route=v; Path=/; HttpOnly; SameSite=Lax'],
    [{}, true, 'route=v; Path=/; HttpOnly; SameSite=Lax; Secure'],
    [{ secure: 'never' }, true, 'route=v; Path=/; HttpOnly; SameSite=Lax'],
    [
      {
        cookie: 'sid',
        path: '/app',
        domain: 'example.com',
        maxAge: '90s',
        sameSite: 'None',
        secure: 'always',
      },
      false,
      'sid=v; Path=/app; Domain=example.com; Max-Age=90; HttpOnly; SameSite=None; Secure',
    ],
  ] as const)('of %j, over TLS %j, is %j', (document, overTls, expected) => {
    expect(sessionCookieFormat(resolveSession(document))('v', overTls)).toBe(expected);
  });
});
