/** What routes look at. Look-ups are made only when a route asks for them. */
export interface RoutedRequest {
  readonly method: string;
  /** Origin-form target as it was sent, query included; or `*`. */
  readonly target: string;
  /** Value of a header by its name in lower case; several lines of one name joined with ", " (RFC 9110 section 5.2). */
  header(name: string): string | undefined;
  /**
   * Value of a query parameter by its decoded name; the first of them. Decoded as forms are (URL Standard,
   * application/x-www-form-urlencoded): `+` is a space, and what is no escape stands for itself.
   */
  query(name: string): string | undefined;
}

/**
 * A request read from its head. Fields and query are gone through once at most, and not before the first question: a
 * request with very many of them costs no more than reading it, whatever number of routes ask.
 */
export class RequestView implements RoutedRequest {
  readonly method: string;
  readonly target: string;
  /** Name, value, name, value… */
  readonly #rawHeaders: readonly string[];
  #headers: ReadonlyMap<string, string> | undefined;
  #query: ReadonlyMap<string, string> | undefined;

  constructor(method: string, target: string, rawHeaders: readonly string[]) {
    this.method = method;
    this.target = target;
    this.#rawHeaders = rawHeaders;
  }

  header(name: string): string | undefined {
    this.#headers ??= joinHeaders(this.#rawHeaders);
    return this.#headers.get(name);
  }

  query(name: string): string | undefined {
    this.#query ??= firstParameters(this.target);
    return this.#query.get(name);
  }
}

function joinHeaders(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const joined = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    const before = joined.get(name);
    const value = rawHeaders[index + 1]!;
    joined.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return joined;
}

function firstParameters(target: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const start = target.indexOf('?');
  if (start === -1) return parameters;
  // A "?" at the front would be taken for the mark before the query; an empty pair means nothing.
  for (const [name, value] of new URLSearchParams(`&${target.slice(start + 1)}`)) {
    if (!parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}
