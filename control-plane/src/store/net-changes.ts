import { canonicalJson } from './canonical-json.ts';
import type { ObjectChange } from './store.ts';

/** What remains of changes that follow one another: each object once, from its first `before` to its last `after`. */
export class NetChanges {
  readonly #changes = new Map<string, ObjectChange>();

  /** The next changes in time. */
  add(changes: readonly ObjectChange[]): void {
    for (const change of changes) this.#addOne(change);
  }

  /** What differs; what has come and gone, or has become again what it was, is left out. */
  done(): readonly ObjectChange[] {
    return [...this.#changes.values()].filter(({ before, after }) => textOf(before) !== textOf(after));
  }

  #addOne({ kind, name, before, after }: ObjectChange): void {
    const key = `${kind}/${name}`;
    const known = this.#changes.get(key);
    const start = known === undefined ? before : known.before;
    this.#changes.set(key, {
      kind,
      name,
      ...(start === undefined ? {} : { before: start }),
      ...(after === undefined ? {} : { after }),
    });
  }
}

function textOf(document: unknown): string | undefined {
  return document === undefined ? undefined : canonicalJson(document);
}
