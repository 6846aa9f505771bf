import { HeadgateError } from '@headgate/shared/error';
import type { BackendSettingsDocument } from '@headgate/shared/model/backend';
import { pointerOf, type Fault } from '@headgate/shared/model/fault';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import { secretsOf } from '@headgate/shared/model/sources';
import type { IntentState } from '../intent/intent-state.ts';
import { sameDocument } from '../intent/same-document.ts';
import type { ObjectChange } from '../store/store.ts';

/**
 * Looks at the secrets that the sources of changed backends name: whoever comes back from the past may name one that is
 * gone. Pointers are those of the whole configuration, with names in the place of numbers.
 *
 * @throws HeadgateError HEADGATE_INVALID with a fault for each name that there is no secret of
 */
export function assertSecrets(objects: readonly ObjectChange[], exists: (name: string) => boolean): void {
  const faults = limitFaults(missingSecrets(objects, exists));
  if (faults.length === 0) return;
  throw new HeadgateError('HEADGATE_INVALID', 'Sources name secrets that do not exist; nothing was changed', {
    faults,
  });
}

function* missingSecrets(objects: readonly ObjectChange[], exists: (name: string) => boolean): Generator<Fault> {
  for (const { kind, name, before, after } of objects) {
    if (kind !== 'backend' || after === undefined || sameDocument(before, after)) continue;
    for (const [index, source] of ((after as BackendSettingsDocument).sources ?? []).entries()) {
      for (const secret of secretsOf(source)) {
        if (exists(secret.name)) continue;
        yield {
          pointer: pointerOf(['backends', name, 'sources', index, ...secret.field.split('/')]),
          code: 'unknown_secret',
          detail: `there is no secret "${secret.name}"`,
          fix: `write it first: PUT /api/v1/secrets/${secret.name}`,
        };
      }
    }
  }
}

/** The backends whose sources name a secret, as `backend/<name>`, in order. */
export function backendsNaming({ backends }: Pick<IntentState, 'backends'>, secret: string): readonly string[] {
  const names: string[] = [];
  for (const [name, { document }] of backends.entries()) {
    const used = (document.sources ?? []).some((source) => secretsOf(source).some((named) => named.name === secret));
    if (used) names.push(`backend/${name}`);
  }
  return names.sort();
}
