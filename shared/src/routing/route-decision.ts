/** A host and one of its routes match the request. */
export interface RouteTaken {
  readonly kind: 'route';
  /** The pattern of the host that matched. */
  readonly host: string;
  readonly backend: string;
}

/** What routing decides about a request. */
export type RouteDecision =
  | RouteTaken
  | { readonly kind: 'unknown_host' }
  /** The host matched, but none of its routes. */
  | { readonly kind: 'no_route'; readonly host: string };
