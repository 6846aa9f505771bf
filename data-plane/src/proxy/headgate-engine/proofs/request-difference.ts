import type { NodeRequest } from './node-message.ts';
import { differs } from './differs.ts';
import { passedOnFields } from './passed-on-fields.ts';
import { valuesOf } from './values-of.ts';

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is;

/** How the request that a server was sent differs from the one that the client sent; undefined when it does not. */
export function requestDifference(sent: NodeRequest, seen: NodeRequest): string | undefined {
  const { target, host } = aimOf(sent);
  return (
    differs('method', sent.method, seen.method) ??
    differs('target', target, seen.target) ??
    differs('version', '1.1', seen.version) ??
    (host === undefined ? undefined : differs('Host', [host], valuesOf(seen.rawHeaders, 'host'))) ??
    differs('framing', framingOf(sent), framingOf(seen)) ??
    differs('fields', passedOnFields(sent.rawHeaders), withoutOwnVia(passedOnFields(seen.rawHeaders))) ??
    contentDifference(sent, seen)
  );
}

/** A request that was cut may have less content, and nothing else. */
function contentDifference(sent: NodeRequest, seen: NodeRequest): string | undefined {
  const body = seen.complete ? sent.body : sent.body.subarray(0, seen.body.length);
  if (!body.equals(seen.body))
    return `content: ${JSON.stringify([sent.body.toString('latin1'), seen.body.toString('latin1')])}`;
  if (seen.complete && !sent.complete) return 'content: complete where it has not come to its end';
  const trailers = passedOnFields(sent.rawTrailers);
  const madeUp = passedOnFields(seen.rawTrailers).filter((field) => !trailers.includes(field));
  return madeUp.length === 0 ? undefined : `trailers: ${JSON.stringify(madeUp)}`;
}

/** An absolute target wins over Host (RFC 9112 section 3.2.2). */
function aimOf({ method, target, rawHeaders }: NodeRequest): {
  readonly target: string;
  readonly host: string | undefined;
} {
  const [, authority, rest = ''] = ABSOLUTE.exec(target) ?? [];
  if (authority === undefined) return { target, host: valuesOf(rawHeaders, 'host')[0] };
  const path = rest === '' && method === 'OPTIONS' ? '*' : rest.startsWith('/') ? rest : `/${rest}`;
  return { target: path, host: authority };
}

/** What stands there, not what follows from it; only zeros in front of a length may go. */
function framingOf({ rawHeaders }: NodeRequest): readonly string[] {
  const codings = valuesOf(rawHeaders, 'transfer-encoding').map((coding) => coding.toLowerCase());
  return [...codings, '|', ...valuesOf(rawHeaders, 'content-length').map((length) => length.replace(/^0+(?=\d)/, ''))];
}

function withoutOwnVia(fields: readonly string[]): readonly string[] {
  return /^Via: 1\.[01] headgate$/.test(fields.at(-1) ?? '') ? fields.slice(0, -1) : fields;
}
