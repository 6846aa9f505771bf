import type { Metadata } from '@grpc/grpc-js';

/** Knows join tokens. Must take the same time wherever a token differs from a good one. */
export interface JoinTokenCheck {
  /** Undefined when the token is not accepted; else what aborts when it no longer is. */
  authenticate(token: string): AbortSignal | undefined;
}

/** The token of `authorization: Bearer <token>`; undefined when there is none, or more than one. */
export function joinTokenOf(metadata: Metadata): string | undefined {
  const values = metadata.get('authorization');
  const [value] = values;
  if (values.length !== 1 || typeof value !== 'string') return undefined;
  return /^Bearer +([^ ]+)$/i.exec(value)?.[1];
}
