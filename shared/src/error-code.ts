/** Node's code of an error (`ENOENT`, `ERR_SSL_…`): safe to show, where the message may not be. */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
}
