import type { BackendDocument } from './backend.ts';
import { pointerOf, type Fault } from './fault.ts';
import type { HostDocument } from './host.ts';

/** One object of a snapshot (a backend without its servers, a host with its routes) encodes to no more than this. */
export const maxObjectBytes = 256 * 1_024;

/** Whether a valid backend or host is too large to be sent to data planes as one object. */
export function* sizeFaults(document: BackendDocument | HostDocument, path: readonly PropertyKey[]): Generator<Fault> {
  const bytes = Buffer.byteLength(JSON.stringify({ ...document, servers: undefined }));
  if (bytes <= maxObjectBytes) return;
  yield {
    pointer: pointerOf(path),
    code: 'too_large',
    detail: `it takes ${bytes.toLocaleString('en-US')} bytes, more than ${maxObjectBytes.toLocaleString('en-US')}`,
    fix: 'share it out over several objects, or shorten its paths',
  };
}
