import type { Destination } from '../model/host.ts';

/** A host and one of its routes match the request. */
export type RouteTaken = Destination & {
  readonly kind: 'route';
  /** The pattern of the host that matched. */
  readonly host: string;
  /** Which of the host's routes, from 0. */
  readonly route: number;
};

/** What routing decides about a request. */
export type RouteDecision =
  | RouteTaken
  | { readonly kind: 'unknown_host' }
  /** The host matched, but none of its routes. */
  | { readonly kind: 'no_route'; readonly host: string };
