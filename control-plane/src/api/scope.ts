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
}

/** What is looked at to know who may use an operation. */
export interface Guarded {
  readonly scope: Scope;
  /** It touches the backend `{name}` of its path, with its servers, and nothing else. */
  readonly ofBackend?: boolean | undefined;
}

/**
 * Scopes of which any one suffices for an operation on a backend; those that include them suffice too. None for an open
 * operation, or where the name is none.
 */
export function scopesFor({ scope, ofBackend = false }: Guarded, backend: unknown): readonly TokenScope[] {
  if (scope === 'open') return [];
  const whole = tokenScope(scope);
  return ofBackend && isName(backend) ? [whole, tokenScope(`write:backends/${backend}`)] : [whole];
}

/** The same as OpenAPI shows it, for any backend. */
export function scopeTemplates({ scope, ofBackend = false }: Guarded): readonly string[] {
  if (scope === 'open') return [];
  return ofBackend ? [scope, 'write:backends/{name}'] : [scope];
}

/** Whether an actor has any of the scopes that suffice. */
export function reaches({ scopes: granted }: Pick<Actor, 'scopes'>, sufficient: readonly TokenScope[]): boolean {
  return sufficient.some((needed) => granted.some((scope) => includesScope(scope, needed)));
}
