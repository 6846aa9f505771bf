import { Stream } from 'node:stream';

/**
 * Given to http-proxy in place of a request's content, so that it pipes nothing: it would send the content before the
 * fields are set, lose trailers, and consume what a second attempt needs.
 */
class HeldBody extends Stream {
  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    return destination;
  }
}

export const heldBody: Stream = new HeldBody();
