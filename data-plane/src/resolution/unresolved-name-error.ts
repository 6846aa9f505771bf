/** A connection to a name of which no address is known. */
export class UnresolvedNameError extends Error {
  override readonly name = 'UnresolvedNameError';
  readonly code = 'HEADGATE_UNRESOLVED';
  /** In our own words. */
  readonly reason: string;

  constructor(name: string, reason: string) {
    super(`${name} has no address: ${reason}`);
    this.reason = reason;
  }
}
