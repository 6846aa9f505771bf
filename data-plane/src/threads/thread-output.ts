import type { LineSink } from '../proxy/access-log.ts';

/**
 * Standard output of a thread. The main thread writes what comes, each block whole, so that lines of several threads do
 * not run into each other.
 */
export interface ThreadOutput extends LineSink {
  /** Resolves when everything has left the thread. */
  flushed(): Promise<void>;
}
