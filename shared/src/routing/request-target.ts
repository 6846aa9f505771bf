/** A request target, taken apart (RFC 9112 section 3.2). */
export interface RequestTarget {
  /** Of an absolute-form target; it wins over Host. */
  readonly authority: string | undefined;
  /** Path and query to ask for, byte for byte as sent, or `*`. */
  readonly target: string;
}

/** Visible ASCII but for `#`: a fragment has no place in a request. */
const ORIGIN_FORM = /^\/[\x21\x22\x24-\x7e]*$/;
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)([/?][\x21\x22\x24-\x7e]*)?$/i;

/** Undefined when it is no target for this method. */
export function readTarget(method: string, target: string): RequestTarget | undefined {
  if (ORIGIN_FORM.test(target)) return { authority: undefined, target };
  if (target === '*') return method === 'OPTIONS' ? { authority: undefined, target } : undefined;
  const absolute = ABSOLUTE_FORM.exec(target);
  if (absolute === null) return undefined;
  const [, authority = '', rest = ''] = absolute;
  return { authority, target: rest === '' ? emptyPath(method) : rest.startsWith('/') ? rest : `/${rest}` };
}

/** OPTIONS without a path asks about the server as a whole (RFC 9112 section 3.2.4). */
function emptyPath(method: string): string {
  return method === 'OPTIONS' ? '*' : '/';
}
