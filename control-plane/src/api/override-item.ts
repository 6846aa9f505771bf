import { serverStateSchema } from '@headgate/shared/model/override';
import { z } from 'zod';
import type { BackendEntry } from '../intent/intent-state.ts';

export const overrideSchema = z
  .object({
    backend: z.string(),
    server: z.string().meta({ description: 'address:port.' }),
    state: serverStateSchema.exclude(['active']),
    present: z.boolean().meta({ description: 'Whether the backend has such a server now.' }),
  })
  .meta({ id: 'Override', description: "An operator's word on a server, which it outlives." });

/** An override of a backend as it is shown; it must be there. */
export function overrideItem(backend: BackendEntry, endpoint: string): z.input<typeof overrideSchema> {
  const { document, servers, overrides } = backend;
  const { state } = overrides.get(endpoint)!.document;
  return { backend: document.name, server: endpoint, state, present: servers.has(endpoint) };
}
