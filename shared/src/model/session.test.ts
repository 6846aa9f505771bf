import { resolveSession, sessionSchema } from './session.ts';

describe('sessionSchema', () => {
  it.each([
    {},
    { cookie: 'route', path: '/app', domain: 'example.com', maxAge: '1h', sameSite: 'Strict', strip: true },
    { sameSite: 'None', secure: 'always' },
  ])('accepts %j', (document) => {
    expect(sessionSchema.safeParse(document).success).toBe(true);
  });

  it.each([
    { cookie: '' },
    { cookie: 'a;b' },
    { cookie: 'a=b' },
    { path: 'app' },
    { path: '/a; HttpOnly' },
    { path: '/a\r\nX: y' },
    { domain: 'a b' },
    { domain: 'example.com; Secure' },
    { maxAge: 60 },
    { sameSite: 'lax' },
    { sameSite: 'None' },
    { sameSite: 'None', secure: 'auto' },
    { colour: 1 },
  ])('refuses %j', (document) => {
    expect(sessionSchema.safeParse(document).success).toBe(false);
  });
});

describe('resolveSession', () => {
  it('fills in the defaults', () => {
    expect(resolveSession({})).toEqual({
      cookie: 'route',
      path: '/',
      domain: '',
      maxAgeSeconds: 0,
      sameSite: 'Lax',
      secure: 'auto',
      strip: false,
    });
  });

  it('takes what is written', () => {
    expect(resolveSession({ cookie: 'sid', maxAge: '90s', secure: 'never' })).toMatchObject({
      cookie: 'sid',
      maxAgeSeconds: 90,
      secure: 'never',
    });
  });
});
