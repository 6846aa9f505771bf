/**
 * Why a name brought nothing: it has no such records (`absent`: the name does not exist, or exists without them), nobody
 * has answered in time (`timeout`), the question was taken back (`cancelled`), or what came was no answer (`failed`).
 */
export type DnsErrorKind = 'absent' | 'timeout' | 'cancelled' | 'failed';

interface DnsErrorOptions {
  readonly kind: DnsErrorKind;
  /** What was asked for. */
  readonly subject: string;
  /** For people; holds nothing of an answer's content. */
  readonly reason: string;
  readonly cause?: unknown;
}

/** A look-up without result. */
export class DnsError extends Error {
  override readonly name = 'DnsError';
  readonly kind: DnsErrorKind;
  readonly reason: string;

  constructor({ kind, subject, reason, cause }: DnsErrorOptions) {
    super(`${subject}: ${reason}`, { cause });
    this.kind = kind;
    this.reason = reason;
  }
}
