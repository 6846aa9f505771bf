import type { DocumentSourceContext, SourceError, SourceText } from './source.ts';

/** How often texts that stay as they are are delivered again, to say that the source can still be reached. */
const REPEAT_MS = 10_000;

/**
 * What a document source says, without the repetitions of its polls: whoever gets texts parses them, which is not to be
 * done each second for nothing. Texts are delivered when they differ from the last ones, when they are the first ones
 * after a failure, and else every 10 s. Failures are all said. After `close`, nothing is.
 */
export class TextDeliveries {
  readonly #context: DocumentSourceContext;
  #last: { readonly texts: readonly SourceText[]; readonly atMs: number } | undefined;
  #closed = false;

  constructor(context: DocumentSourceContext) {
    this.#context = context;
  }

  take(texts: readonly SourceText[]): void {
    if (this.#closed) return;
    const { clock, sink } = this.#context;
    const atMs = clock.monotonic();
    const last = this.#last;
    if (last !== undefined && atMs - last.atMs < REPEAT_MS && areEqual(last.texts, texts)) return;
    this.#last = { texts, atMs };
    sink.deliver(texts);
  }

  fail(error: SourceError): void {
    if (this.#closed) return;
    this.#last = undefined;
    this.#context.sink.failed(error);
  }

  close(): void {
    this.#closed = true;
  }
}

/** Strings are compared faster than any digest of them is made. */
function areEqual(some: readonly SourceText[], others: readonly SourceText[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ name, text }, index) => name === others[index]?.name && text === others[index].text)
  );
}
