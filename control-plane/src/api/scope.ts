/**
 * What a caller must be allowed to do. `open` needs no token. A token of `admin` may do everything, of `write` also
 * what `read` may.
 */
export const scopes = ['open', 'read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who asks, and how far the token reaches. */
export interface Actor {
  /** Written into revisions as their author. */
  readonly name: string;
  readonly scope: Scope;
}

/** Whether a token of one scope reaches an operation of another. */
export function reaches(granted: Scope, needed: Scope): boolean {
  return scopes.indexOf(granted) >= scopes.indexOf(needed);
}
