import { createHash } from 'node:crypto';
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
  #last: { readonly digest: string; readonly atMs: number } | undefined;
  #closed = false;

  constructor(context: DocumentSourceContext) {
    this.#context = context;
  }

  take(texts: readonly SourceText[]): void {
    if (this.#closed) return;
    const { clock, sink } = this.#context;
    const digest = digestOf(texts);
    const atMs = clock.monotonic();
    if (this.#last?.digest === digest && atMs - this.#last.atMs < REPEAT_MS) return;
    this.#last = { digest, atMs };
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

/** Each part has a fixed length, so that nothing can move from one text to the next unseen. */
function digestOf(texts: readonly SourceText[]): string {
  return sha256(texts.map(({ name, text }) => sha256(name) + sha256(text)).join('\n'));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
