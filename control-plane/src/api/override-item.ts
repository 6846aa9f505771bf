import { serverStateSchema } from '@headgate/shared/model/override';
import { z } from 'zod';
import type { IntentState } from '../intent/intent-state.ts';
import type { ServerName } from '../intent/plan-delete-server.ts';
import { overridesOf } from '../intent/server-state.ts';

export const overrideSchema = z
  .object({
    backend: z.string(),
    server: z.string().meta({ description: 'address:port.' }),
    state: serverStateSchema.exclude(['active']),
    present: z.boolean().meta({ description: 'Whether the backend has such a server now.' }),
  })
  .meta({ id: 'Override', description: "An operator's word on a server, which it outlives." });

/** An override as it is shown; it must be there. */
export function overrideItem(desired: IntentState, { backend, endpoint }: ServerName): z.input<typeof overrideSchema> {
  const { state } = overridesOf(desired, backend).get(endpoint)!.document;
  const present = desired.backends.get(backend)?.servers.has(endpoint) === true;
  return { backend, server: endpoint, state, present };
}
