/** What the proxy does with a field of a request or an answer. */
export type FieldKind =
  /** Passed on, unless Connection names it. */
  | 'plain'
  /** Never passed on (RFC 9110 section 7.6.1). */
  | 'hop_by_hop'
  /** Spelled so that servers which turn names into variables take it for a field that the proxy vouches for. */
  | 'alias'
  /** Said by proxies; believed when the client is a trusted one. */
  | 'forwarded'
  | 'host'
  | 'connection'
  | 'te'
  | 'transfer_encoding'
  | 'content_length'
  | 'expect'
  | 'trailer'
  | 'upgrade'
  | 'request_id'
  /** Which configuration answered; this proxy's word alone, where it gives it. */
  | 'config_version';

const kinds = new Map<string, FieldKind>([
  ['host', 'host'],
  ['connection', 'connection'],
  ['te', 'te'],
  ['transfer-encoding', 'transfer_encoding'],
  ['content-length', 'content_length'],
  ['expect', 'expect'],
  ['trailer', 'trailer'],
  ['upgrade', 'upgrade'],
  ['x-request-id', 'request_id'],
  ['headgate-version', 'config_version'],
  ['forwarded', 'forwarded'],
  ['x-real-ip', 'forwarded'],
  ['keep-alive', 'hop_by_hop'],
  ['proxy-connection', 'hop_by_hop'],
  ['proxy-authenticate', 'hop_by_hop'],
  ['proxy-authorization', 'hop_by_hop'],
  ['http2-settings', 'hop_by_hop'],
]);

/** Names as they were sent, with their kinds, so that the usual spellings cost one look-up. Bounded: names are hostile. */
const seen = new Map<string, FieldKind>();
const MAX_SEEN = 2_000;
const MAX_SEEN_NAME = 40;

/** The kind of a field, by its name in any case. */
export function fieldKind(name: string): FieldKind {
  const known = seen.get(name);
  if (known !== undefined) return known;
  const kind = kindOfLowerCase(name.toLowerCase());
  if (seen.size < MAX_SEEN && name.length <= MAX_SEEN_NAME) seen.set(name, kind);
  return kind;
}

function kindOfLowerCase(name: string): FieldKind {
  const kind = kindOfExact(name);
  if (kind !== 'plain' || !name.includes('_')) return kind;
  return kindOfExact(name.replaceAll('_', '-')) === 'plain' ? 'plain' : 'alias';
}

function kindOfExact(name: string): FieldKind {
  return kinds.get(name) ?? (name.startsWith('x-forwarded-') ? 'forwarded' : 'plain');
}
