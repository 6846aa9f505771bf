import type { serverItemSchema } from '@headgate/shared/model/server-resource';
import type { z } from 'zod';
import type { BackendEntry } from '../intent/intent-state.ts';
import type { RevisionMark } from '../intent/precondition.ts';
import { contentMark } from './content-mark.ts';
import { serverItem } from './server-item.ts';

export interface ShownServer {
  readonly item: z.input<typeof serverItemSchema>;
  readonly revision: RevisionMark;
}

/** A server of a backend as it is shown, with what its ETag says; undefined where there is none. */
export function shownServer(backend: BackendEntry, endpoint: string): ShownServer | undefined {
  const server = backend.servers.get(endpoint);
  if (server === undefined) return undefined;
  const item = serverItem(backend, endpoint);
  const own = backend.layer === undefined ? server.revision : 0;
  if (own > 0 && server.sources === undefined) return { item, revision: own };
  return { item, revision: contentMark(Math.max(own, backend.overrides.get(endpoint)?.revision ?? 0), item) };
}
