import type { Hello } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { Introduction } from '../fleet/fleet-member.ts';
import { RefusalError } from './refusal.ts';

/** A data plane as it introduces itself. */
export interface Arrival {
  readonly introduction: Introduction;
  /** Of what it holds. */
  readonly digest: Buffer;
  /** Optional parts of the protocol that it understands. */
  readonly features: ReadonlySet<string>;
}

const ID = /^[\x21-\x7e]{1,253}$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
const DIGEST_BYTES = 16;

/**
 * What a Hello says, when it can be believed.
 * @throws RefusalError
 */
export function readHello(hello: Hello): Arrival {
  const { dataPlaneId: id, processUuid, softwareVersion, threads, epoch, version, digest } = hello;
  demand(ID.test(id), 'data_plane_id must be 1 to 253 printable ASCII characters without spaces');
  demand(
    ID.test(processUuid) && processUuid.length <= 64,
    'process_uuid must be 1 to 64 printable ASCII characters without spaces',
  );
  demand(PRINTABLE.test(softwareVersion) && softwareVersion.length <= 64, 'software_version is above 64 characters');
  demand(threads >= 1 && threads <= 1_024, 'threads must be from 1 to 1,024');
  demand((epoch === '') === (version === 0), 'epoch and version must be given together, or neither');
  demand(PRINTABLE.test(epoch) && epoch.length <= 128, 'epoch is above 128 characters');
  demand(digest.length === (version === 0 ? 0 : DIGEST_BYTES), `digest must be ${DIGEST_BYTES} bytes, or absent`);
  demand(hello.features.length <= 64, 'features are more than 64');
  const labels = readLabels(hello.labels);
  const introduction = { id, processUuid, softwareVersion, threads, labels, held: { epoch, version } };
  return { introduction, digest, features: new Set(hello.features) };
}

function readLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(labels);
  demand(entries.length <= 64, 'labels are more than 64');
  for (const [name, value] of entries) {
    demand(name.length <= 128 && value.length <= 256, 'a label has a name above 128 or a value above 256 characters');
  }
  return Object.fromEntries(entries);
}

function demand(condition: boolean, otherwise: string): void {
  if (!condition) throw new RefusalError('INVALID_ARGUMENT', `hello: ${otherwise}`);
}
