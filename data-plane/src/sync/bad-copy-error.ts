/** A file of the disk copy is not what this release writes: torn, flipped, or of another release. */
export class BadCopyError extends Error {
  override readonly name = 'BadCopyError';
}
