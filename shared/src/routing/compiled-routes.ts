import type { PathMatch } from '../model/host.ts';

const SLASH = 0x2f;

/** The routes of one host, ready to be looked up. */
export interface CompiledRoutes<R> {
  /**
   * The route for a request target: an exact path over the longest prefix (by whole path elements), then the first in
   * order. What stands before `?` is compared byte for byte, as it was sent.
   */
  match(target: string): R | undefined;
}

/** Routes as they are looked up: a route without a path is one with the prefix `/`, which matches every target. */
export function compileRoutes<R extends { readonly path?: PathMatch | undefined }>(
  routes: readonly R[],
): CompiledRoutes<R> {
  const exact = new Map<string, R>();
  const prefixes = new Map<string, R>();
  for (const route of routes) {
    const path = route.path ?? { prefix: '/' };
    if ('exact' in path) addFirst(exact, path.exact, route);
    else addFirst(prefixes, withoutTrailingSlash(path.prefix), route);
  }
  return new PathTable(exact, prefixes);
}

function addFirst<R>(table: Map<string, R>, path: string, route: R): void {
  if (!table.has(path)) table.set(path, route);
}

function withoutTrailingSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}

/**
 * Prefixes are tried from the longest to the shortest, and only those lengths at which a path element of the target
 * ends and some prefix does too. So a long path full of slashes costs no more than the prefixes that exist, and the
 * table no more memory than their text.
 */
class PathTable<R> implements CompiledRoutes<R> {
  readonly #exact: ReadonlyMap<string, R>;
  readonly #prefixes: ReadonlyMap<string, R>;
  readonly #everything: R | undefined;
  /** 1 at the length of every prefix. */
  readonly #lengths: Uint8Array;

  constructor(exact: ReadonlyMap<string, R>, prefixes: ReadonlyMap<string, R>) {
    this.#exact = exact;
    this.#prefixes = prefixes;
    this.#everything = prefixes.get('');
    const longest = Math.max(0, ...[...prefixes.keys()].map((prefix) => prefix.length));
    this.#lengths = new Uint8Array(longest + 1);
    for (const prefix of prefixes.keys()) this.#lengths[prefix.length] = 1;
  }

  match(target: string): R | undefined {
    const query = target.indexOf('?');
    const end = query === -1 ? target.length : query;
    if (this.#exact.size > 0) {
      const route = this.#exact.get(target.slice(0, end));
      if (route !== undefined) return route;
    }
    return this.#longestPrefix(target, end) ?? this.#everything;
  }

  #longestPrefix(target: string, end: number): R | undefined {
    for (let length = Math.min(end, this.#lengths.length - 1); length > 0; length--) {
      if (this.#lengths[length] === 0 || (length < end && target.charCodeAt(length) !== SLASH)) continue;
      const route = this.#prefixes.get(target.slice(0, length));
      if (route !== undefined) return route;
    }
    return undefined;
  }
}
