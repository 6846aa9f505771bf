import type { Host, Route } from '../model/host.ts';
import { ShardedMap, type ShardedMapDraft } from '../sharded-map.ts';
import { compileRoutes, type CompiledRoutes } from './compiled-routes.ts';
import type { RouteDecision, RouteTaken } from './route-decision.ts';

/** A host, ready to be asked for its routes. Decisions are made once, here, and shared by all requests. */
export interface CompiledHost {
  readonly host: Host;
  readonly routes: CompiledRoutes<RouteTaken>;
  readonly noRoute: RouteDecision;
}

/**
 * Hosts by name: immutable, and changed at the cost of the change. Exact names win over wildcards, the longest wildcard
 * over shorter ones, and `*` takes the rest. A wildcard matches any depth below its parent, not the parent itself.
 * A lookup costs the labels of the name, not the number of hosts.
 */
export class HostTable {
  static readonly #empty = new HostTable(ShardedMap.empty(), ShardedMap.empty(), undefined);

  readonly #exact: ShardedMap<CompiledHost>;
  /** Keyed by what follows `*.`. */
  readonly #wildcards: ShardedMap<CompiledHost>;
  readonly #fallback: CompiledHost | undefined;

  private constructor(
    exact: ShardedMap<CompiledHost>,
    wildcards: ShardedMap<CompiledHost>,
    fallback: CompiledHost | undefined,
  ) {
    this.#exact = exact;
    this.#wildcards = wildcards;
    this.#fallback = fallback;
  }

  static empty(): HostTable {
    return HostTable.#empty;
  }

  get size(): number {
    return this.#exact.size + this.#wildcards.size + (this.#fallback === undefined ? 0 : 1);
  }

  /**
   * The host for a name that `normaliseAuthority` has returned. "" stands for a request without a name (HTTP/1.0) and
   * finds `*` only.
   */
  find(authority: string): CompiledHost | undefined {
    return this.#exact.get(authority) ?? this.#findWildcard(authority) ?? this.#fallback;
  }

  /** The host with exactly this pattern. */
  get(pattern: string): CompiledHost | undefined {
    if (pattern === '*') return this.#fallback;
    return pattern.startsWith('*.') ? this.#wildcards.get(pattern.slice(2)) : this.#exact.get(pattern);
  }

  /** In no particular order. */
  *hosts(): IterableIterator<Host> {
    for (const compiled of this.#exact.values()) yield compiled.host;
    for (const compiled of this.#wildcards.values()) yield compiled.host;
    if (this.#fallback !== undefined) yield this.#fallback.host;
  }

  /** A draft that starts as this table; this table stays as it is. */
  edit(): HostTableDraft {
    const finish = (draft: HostTableParts) => new HostTable(draft.exact.done(), draft.wildcards.done(), draft.fallback);
    return new HostTableDraft(
      { exact: this.#exact.edit(), wildcards: this.#wildcards.edit(), fallback: this.#fallback },
      finish,
    );
  }

  #findWildcard(authority: string): CompiledHost | undefined {
    if (this.#wildcards.size === 0) return undefined;
    for (let dot = authority.indexOf('.'); dot !== -1; dot = authority.indexOf('.', dot + 1)) {
      const compiled = this.#wildcards.get(authority.slice(dot + 1));
      if (compiled !== undefined) return compiled;
    }
    return undefined;
  }
}

interface HostTableParts {
  readonly exact: ShardedMapDraft<CompiledHost>;
  readonly wildcards: ShardedMapDraft<CompiledHost>;
  fallback: CompiledHost | undefined;
}

/** Collects changes to a HostTable. Reading sees the changes. */
export class HostTableDraft {
  readonly #parts: HostTableParts;
  readonly #finish: (parts: HostTableParts) => HostTable;

  constructor(parts: HostTableParts, finish: (parts: HostTableParts) => HostTable) {
    this.#parts = parts;
    this.#finish = finish;
  }

  get(pattern: string): CompiledHost | undefined {
    if (pattern === '*') return this.#parts.fallback;
    const [map, key] = this.#place(pattern);
    return map.get(key);
  }

  /** Adds a host, or replaces the one with its pattern. The pattern must be in its one spelling. */
  set(host: Host): void {
    const compiled = compileHost(host);
    if (host.pattern === '*') {
      this.#parts.fallback = compiled;
      return;
    }
    const [map, key] = this.#place(host.pattern);
    map.set(key, compiled);
  }

  /** Whether there was a host with that pattern. */
  delete(pattern: string): boolean {
    if (pattern === '*') {
      const existed = this.#parts.fallback !== undefined;
      this.#parts.fallback = undefined;
      return existed;
    }
    const [map, key] = this.#place(pattern);
    return map.delete(key);
  }

  /** The changed table. The draft must not be used afterwards. */
  done(): HostTable {
    return this.#finish(this.#parts);
  }

  #place(pattern: string): [ShardedMapDraft<CompiledHost>, string] {
    return pattern.startsWith('*.') ? [this.#parts.wildcards, pattern.slice(2)] : [this.#parts.exact, pattern];
  }
}

function compileHost(host: Host): CompiledHost {
  return {
    host,
    routes: compileRoutes(host.routes.map((route, index) => takeRoute(host.pattern, route, index))),
    noRoute: { kind: 'no_route', host: host.pattern },
  };
}

function takeRoute(host: string, route: Route, index: number): RouteTaken & Route {
  return { ...route, kind: 'route', host, route: index };
}
