import { ChunkedDecoder, FAULT, type ChunkedLimits, type ContentSink } from './chunked-decoder.ts';

/** How the end of the content of a message is told (RFC 9112 section 6.3). `close`: by the end of the connection. */
export type ContentFraming = 'none' | 'length' | 'chunked' | 'close';

const noTrailers: readonly string[] = [];

/** Reads the content of one message after the other, as it comes in pieces, and finds the end of each. */
export class ContentReader {
  readonly #limits: ChunkedLimits;
  #framing: ContentFraming = 'none';
  #left = 0;
  #chunks: ChunkedDecoder | undefined;

  constructor(limits: ChunkedLimits) {
    this.#limits = limits;
  }

  get framing(): ContentFraming {
    return this.#framing;
  }

  /** Whether all of it has been read. What ends with the connection is never complete by itself. */
  get isComplete(): boolean {
    switch (this.#framing) {
      case 'none':
        return true;
      case 'length':
        return this.#left === 0;
      case 'chunked':
        return this.#chunks!.isComplete;
      case 'close':
        return false;
    }
  }

  /** Trailer fields: names and values in turn. */
  get trailers(): readonly string[] {
    return this.#chunks?.trailers ?? noTrailers;
  }

  /** A new message begins, with so many bytes of content if its framing is by length. */
  begin(framing: ContentFraming, length: number): void {
    this.#framing = framing;
    this.#left = length;
    this.#chunks = framing === 'chunked' ? new ChunkedDecoder(this.#limits) : undefined;
  }

  /** Reads on. Returns where it stopped, which is behind the content once that is complete, or FAULT. */
  take(bytes: Buffer, from: number, to: number, sink: ContentSink): number {
    if (this.#chunks !== undefined) return this.#chunks.take(bytes, from, to, sink);
    if (this.#framing === 'none') return from;
    const end = this.#framing === 'length' ? Math.min(to, from + this.#left) : to;
    this.#left -= end - from;
    if (end > from) sink.content(bytes, from, end);
    return end;
  }
}

export { FAULT };
