import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { ServerState } from '@headgate/shared/model/server';

/** One server as a source says it is; it is validated by whoever gets it, like what operators write. */
export interface SourceEntry {
  /** What the source calls it, for those who ask why it was left out: an instance id, a pod, a line. Not a secret. */
  readonly name: string;
  /** A ServerDocument if the source is right: address, port, and what it knows of weight, priority, zone and labels. */
  readonly server: unknown;
  /** What the source wants of it. Default active. */
  readonly state?: ServerState | undefined;
}

/** One text of a document source: a file, the value of a key. */
export interface SourceText {
  /** Where it stands, for faults: a file name, a key. Not a secret. */
  readonly name: string;
  readonly text: string;
}

/**
 * Why a source could not be read: one sentence for people that holds no secret and nothing of an answer's content. The
 * cause is for the log.
 */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

/**
 * Where a source says what it has found. Nothing that a source says later is taken after `close`.
 */
export interface SourceSink<T> {
  /**
   * The source was read: this is all that it wants now, not what has changed. An empty set is an answer like any other: a
   * source that is not sure says `failed`. Equal deliveries may be repeated; each says that the source can be reached.
   */
  deliver(wanted: T): void;
  /** The source could not be read, or said nonsense: what it said last goes on to hold. Said once for each failed attempt. */
  failed(error: SourceError): void;
}

/** What a source lives in. */
export interface SourceContext<T> {
  readonly sink: SourceSink<T>;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * The value of a secret by name, read when it is needed, at each connect or request, so that a changed secret counts.
   * It must reach no log and no error.
   * @throws SourceError when there is none of that name
   */
  secret(name: string): Promise<Buffer>;
}

/**
 * Somewhere outside that knows which servers there are: it follows that place by itself, through losses and restarts, with
 * its own timeouts, limits on sizes, and pauses between attempts that grow (`backoffDelay`) and end in no more than 30 s.
 *
 * 1. `start` is called once and returns at once; the first delivery may come much later.
 * 2. Unreachable, slow, forbidden, nonsensical: `failed`, and it tries again. It never throws, and never delivers less
 *    than it has read whole.
 * 3. `close` ends everything within a second, whatever the other side does, and resolves when nothing is left.
 */
export interface Source {
  start(): void;
  close(): Promise<void>;
}

/** Brings servers for one backend. */
export type ServerSource = Source;
export type ServerSourceContext = SourceContext<readonly SourceEntry[]>;
/** Brings whole configurations, as a layer: the lists of all texts together are one document. */
export type DocumentSource = Source;
export type DocumentSourceContext = SourceContext<readonly SourceText[]>;
