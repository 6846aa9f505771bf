import { isName } from '@headgate/shared/model/name';
import { includesScope, tokenScope, type TokenScope } from '../access/token-scope.ts';

/** What a caller must be allowed to do, without the object that it is about. `open` needs no token. */
export const scopes = ['open', 'read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who asks, and how far the token reaches. */
export interface Actor {
  /** Written into revisions as their author. */
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  /** Aborts when the token is revoked or expires. Absent for one that never does. */
  readonly ended?: AbortSignal | undefined;
  /** The only address that it may speak for: its own. Absent: any. */
  readonly ownAddress?: string | undefined;
}

/** What is looked at to know who may use an operation. */
export interface Guarded {
  readonly scope: Scope;
  /** It touches the backend `{name}` of its path, with its servers, and nothing else. */
  readonly ofBackend?: boolean | undefined;
  /** It is about registered servers of that backend alone. */
  readonly registers?: boolean | undefined;
}

/** Scopes for one backend that suffice, beside those for all. */
function kindsFor({ ofBackend = false, registers = false }: Guarded): readonly string[] {
  return [...(ofBackend ? ['write'] : []), ...(registers ? ['register'] : [])];
}

/**
 * Scopes of which any one suffices for an operation on a backend; those that include them suffice too. None for an open
 * operation, or where the name is none.
 */
export function scopesFor(guarded: Guarded, backend: unknown): readonly TokenScope[] {
  if (guarded.scope === 'open') return [];
  const kinds = isName(backend) ? kindsFor(guarded) : [];
  return [guarded.scope, ...kinds.map((kind) => `${kind}:backends/${String(backend)}`)].map(tokenScope);
}

/** The same as OpenAPI shows it, for any backend. */
export function scopeTemplates(guarded: Guarded): readonly string[] {
  if (guarded.scope === 'open') return [];
  return [guarded.scope, ...kindsFor(guarded).map((kind) => `${kind}:backends/{name}`)];
}

/** Whether an actor has any of the scopes that suffice. */
export function reaches({ scopes: granted }: Pick<Actor, 'scopes'>, sufficient: readonly TokenScope[]): boolean {
  return sufficient.some((needed) => granted.some((scope) => includesScope(scope, needed)));
}
