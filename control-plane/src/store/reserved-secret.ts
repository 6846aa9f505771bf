/** Secrets of the control plane's own. No name that a caller may give begins with a dot. */
export type ReservedSecret = '.session-keys';

/** Whether a secret is the control plane's own: it is neither shown nor written by anybody else. */
export function isReservedSecret(name: string): boolean {
  return name.startsWith('.');
}
