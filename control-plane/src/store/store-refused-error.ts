/**
 * locked: another process uses it. newer_schema: a later release wrote it. damaged: its content is not what was written.
 * foreign: it is no store of Headgate. not_durable: the file system cannot keep its promises. failed: I/O or permissions.
 */
export type RefusalReason = 'locked' | 'newer_schema' | 'damaged' | 'foreign' | 'not_durable' | 'failed';

/** A store that must not be opened as it is. The message says why and what to do. */
export class StoreRefusedError extends Error {
  override readonly name = 'StoreRefusedError';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}
