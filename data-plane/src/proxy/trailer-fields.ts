import { fieldKind } from './field-kind.ts';

/**
 * Fields that must not come after the content (RFC 9110 section 6.5.1): they say who asks, for what, or how to read what
 * has been read already.
 */
const refused = new Set([
  'authorization',
  'cache-control',
  'content-encoding',
  'content-range',
  'content-type',
  'cookie',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'max-forwards',
  'pragma',
  'range',
  'set-cookie',
  'via',
  'www-authenticate',
]);

/** The trailer fields that may be passed on, as pairs; undefined when there are none. They never become header fields. */
export function trailerFields(rawTrailers: readonly string[]): [string, string][] | undefined {
  let fields: [string, string][] | undefined;
  for (let index = 0; index + 1 < rawTrailers.length; index += 2) {
    const name = rawTrailers[index]!;
    if (fieldKind(name) !== 'plain' || refused.has(name.toLowerCase())) continue;
    fields ??= [];
    fields.push([name, rawTrailers[index + 1]!]);
  }
  return fields;
}
