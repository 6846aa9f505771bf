export type PathMatch = { readonly exact: string } | { readonly prefix: string };

/** A header or query parameter that a request must have: with this value, or with any. */
export type NamedMatch =
  { readonly name: string; readonly exact: string } | { readonly name: string; readonly present: true };

/** What a route asks of a request, as data planes know it; all of it must hold. */
export interface RouteConditions {
  readonly path?: PathMatch | undefined;
  readonly method?: string | undefined;
  /** Names in lower case. Absent or empty: none. */
  readonly headers?: readonly NamedMatch[] | undefined;
  /** Names and values decoded. */
  readonly query?: readonly NamedMatch[] | undefined;
}

/** Headers, and query parameters, of one match. */
export const maxConditions = 16;

/** What a text must look like to stand in a match. */
export interface TextRule {
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern: RegExp;
}

export const pathRule: TextRule = { minLength: 1, maxLength: 2_048, pattern: /^\/[\x21\x22\x24-\x3e\x40-\x7e]*$/ };

/** In upper case. Data planes refuse CONNECT and TRACE themselves. */
export const methodRule: TextRule = {
  minLength: 1,
  maxLength: 32,
  pattern: /^(?!(?:CONNECT|TRACE)$)[A-Z][A-Z0-9!#$%&'*+.^_`|~-]*$/,
};

/** A token (RFC 9110 section 5.6.2) in any case. The host is matched by the name of the host alone. */
export const headerNameRule: TextRule = {
  minLength: 1,
  maxLength: 128,
  pattern: /^(?![Hh][Oo][Ss][Tt]$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
};

/** As a reader of the field sees it (RFC 9110 section 5.5): without white space around it. */
export const headerValueRule: TextRule = {
  minLength: 0,
  maxLength: 1_024,
  pattern: /^(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?$/,
};

/** What decoded UTF-8 may be: no control characters, no lone surrogates, not the mark of a broken encoding. */
// eslint-disable-next-line no-control-regex -- control characters are what it keeps out
const decoded = /^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufffd]*$/u;
export const parameterNameRule: TextRule = { minLength: 1, maxLength: 256, pattern: decoded };
export const parameterValueRule: TextRule = { minLength: 0, maxLength: 1_024, pattern: decoded };

export function keepsTo({ minLength, maxLength, pattern }: TextRule, text: string): boolean {
  return text.length >= minLength && text.length <= maxLength && pattern.test(text);
}
