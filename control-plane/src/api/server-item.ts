import type { serverItemSchema } from '@headgate/shared/model/server-resource';
import type { z } from 'zod';
import { staticSource } from '../desired/merge-backend.ts';
import { serverDocument } from '../intent/documents.ts';
import type { BackendEntry } from '../intent/intent-state.ts';
import { serverState } from '../intent/server-state.ts';

/** A server of a backend as it is shown; it must be there. */
export function serverItem(backend: BackendEntry, endpoint: string): z.input<typeof serverItemSchema> {
  const { document, sources = [staticSource(backend)] } = backend.servers.get(endpoint)!;
  return { ...serverDocument(document), state: serverState(backend, endpoint), sources: [...sources] };
}
