import { pointerOf, type Fault } from './fault.ts';
import { itemsOf } from './field-of.ts';

/** How the fields that both spellings have are called. */
export interface SpellingKeys {
  readonly backendName: 'name' | 'backend_name';
  readonly address: 'address' | 'addr';
  readonly hostBackend: 'backend' | 'backend_name';
}

export const nativeKeys: SpellingKeys = { backendName: 'name', address: 'address', hostBackend: 'backend' };
export const articleKeys: SpellingKeys = { backendName: 'backend_name', address: 'addr', hostBackend: 'backend_name' };

/** Which spelling a document uses, or the fault that it uses both. */
export type Spelling = { readonly kind: 'native' | 'article' } | { readonly kind: 'mixed'; readonly fault: Fault };

type Telling = Readonly<Record<string, 'native' | 'article'>>;

/** Fields that exist in one of the spellings only. */
const tellingInBackend: Telling = {
  backend_name: 'article',
  health_check: 'article',
  name: 'native',
  balance: 'native',
  session: 'native',
  healthCheck: 'native',
  ejection: 'native',
  retry: 'native',
  slowStart: 'native',
  failOpen: 'native',
  timeouts: 'native',
  limits: 'native',
  via: 'native',
};
const tellingInServer: Telling = { addr: 'article', address: 'native' };
const tellingInHost: Telling = { backend_name: 'article', backend: 'native', routes: 'native' };

/** Told from the field names alone; what tells nothing (empty lists, other types) is native. */
export function spellingOf(document: unknown): Spelling {
  const first: { native?: readonly PropertyKey[]; article?: readonly PropertyKey[] } = {};
  for (const { spelling, path } of tellingFields(document)) {
    first[spelling] ??= path;
    if (first.native !== undefined && first.article !== undefined) {
      return { kind: 'mixed', fault: mixedSpelling(first.native, first.article) };
    }
  }
  return { kind: first.article === undefined ? 'native' : 'article' };
}

interface TellingField {
  readonly spelling: 'native' | 'article';
  readonly path: readonly PropertyKey[];
}

function* tellingFields(document: unknown): Generator<TellingField> {
  for (const [index, backend] of itemsOf(document, 'backends').entries()) {
    yield* tellingKeys(backend, tellingInBackend, ['backends', index]);
    for (const [place, server] of itemsOf(backend, 'servers').entries()) {
      yield* tellingKeys(server, tellingInServer, ['backends', index, 'servers', place]);
    }
  }
  for (const [index, host] of itemsOf(document, 'hosts').entries()) {
    yield* tellingKeys(host, tellingInHost, ['hosts', index]);
  }
}

function* tellingKeys(value: unknown, telling: Telling, path: readonly PropertyKey[]): Generator<TellingField> {
  if (typeof value !== 'object' || value === null) return;
  for (const key in telling) {
    if (Object.hasOwn(value, key)) yield { spelling: telling[key]!, path: [...path, key] };
  }
}

const nativeOf: Readonly<Record<string, string>> = { health_check: 'healthCheck', addr: 'address' };

function mixedSpelling(native: readonly PropertyKey[], article: readonly PropertyKey[]): Fault {
  const key = String(article.at(-1));
  const counterpart = nativeOf[key] ?? (article[0] === 'hosts' ? 'backend' : 'name');
  return {
    pointer: pointerOf(article),
    code: 'mixed_spelling',
    detail: `"${key}" belongs to another spelling than "${String(native.at(-1))}" at ${pointerOf(native)}; a document uses one`,
    fix: `write "${counterpart}", or write the whole document with backend_name, health_check and addr`,
  };
}
