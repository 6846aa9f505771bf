import type { Session } from '@headgate/shared/model/session';

/** Says a value in Set-Cookie (RFC 6265 section 4.1). */
export type FormatSessionCookie = (value: string, overTls: boolean) => string;

/** What stays the same in every cookie of a session is put together once. */
export function sessionCookieFormat(session: Session): FormatSessionCookie {
  const prefix = `${session.cookie}=`;
  const plain = attributesOf(session).join('');
  const secure = `${plain}; Secure`;
  const [overPlain, overTls] =
    session.secure === 'auto' ? [plain, secure] : session.secure === 'always' ? [secure, secure] : [plain, plain];
  return (value, isTls) => prefix + value + (isTls ? overTls : overPlain);
}

function attributesOf({ path, domain, maxAgeSeconds, sameSite }: Session): readonly string[] {
  return [
    `; Path=${path}`,
    ...(domain === '' ? [] : [`; Domain=${domain}`]),
    ...(maxAgeSeconds === 0 ? [] : [`; Max-Age=${maxAgeSeconds}`]),
    '; HttpOnly',
    `; SameSite=${sameSite}`,
  ];
}
