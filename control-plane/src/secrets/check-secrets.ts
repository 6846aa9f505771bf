import type { StoredSecret } from '../store/secret-store.ts';
import { openValue } from './sealed-value.ts';
import { SecretsRefusedError } from './secrets-refused-error.ts';
import type { SecretsKeys } from './secrets-key.ts';

/**
 * Lets secrets pass that can all be read.
 *
 * @throws SecretsRefusedError
 */
export function checkSecrets(secrets: readonly StoredSecret[], keys: SecretsKeys): void {
  const unknown = new Map<string, number>();
  for (const { name, sealed } of secrets) {
    const opened = openValue(keys, name, sealed);
    if (opened.ok) continue;
    if (opened.reason === 'forged') throw forged(name);
    const id = sealed.keyId ?? '';
    unknown.set(id, (unknown.get(id) ?? 0) + 1);
  }
  if (unknown.size > 0) throw unreadable(unknown, keys);
}

function unreadable(unknown: ReadonlyMap<string, number>, { current, previous }: SecretsKeys): SecretsRefusedError {
  const found = [...unknown].map(([id, count]) => `${count} under the key ${id}`).join(', ');
  const given = [
    current === undefined ? 'HEADGATE_SECRETS_KEY is not set' : `HEADGATE_SECRETS_KEY is the key ${current.id}`,
    ...(previous === undefined ? [] : [`HEADGATE_SECRETS_KEY_PREVIOUS is the key ${previous.id}`]),
  ].join(', and ');
  return new SecretsRefusedError(
    `Secrets are encrypted that cannot be read: ${found}; ${given} — set HEADGATE_SECRETS_KEY to the key that they were ` +
      'encrypted under; to change keys, set the new one as HEADGATE_SECRETS_KEY and the old one as ' +
      'HEADGATE_SECRETS_KEY_PREVIOUS for one start',
  );
}

function forged(name: string): SecretsRefusedError {
  return new SecretsRefusedError(
    `The secret ${JSON.stringify(name)} is not what was encrypted, though the key is right: the database was changed by ` +
      'somebody else — restore it from a backup',
  );
}
