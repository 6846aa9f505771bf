/** Secrets that cannot be read with the keys that were given. The message says why and what to do, and shows no value. */
export class SecretsRefusedError extends Error {
  override readonly name = 'SecretsRefusedError';
}
