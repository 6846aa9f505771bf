/**
 * The version that was asked for is no longer kept (410 Gone): everything is to be listed anew. No failure: it happens to
 * whoever was away for some minutes.
 */
export class ExpiredError extends Error {
  override readonly name = 'ExpiredError';
}
