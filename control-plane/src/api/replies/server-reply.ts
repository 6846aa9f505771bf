import { serverItemSchema } from '@headgate/shared/model/server-resource';
import type { WriteResult } from '../../intent/intent.ts';
import type { ServerName } from '../../intent/plan-delete-server.ts';
import { changeAnswers, changeReply, type WrittenItem } from '../change.ts';
import { serverLocation } from '../locations.ts';
import type { Reply } from '../reply.ts';
import { serverItem } from '../server-item.ts';

export const serverAnswers = changeAnswers('ServerChange', serverItemSchema);

/** The answer of a write that has left a server; `created` says that there was none before. */
export function serverReply(result: WriteResult, { backend, endpoint }: ServerName, created: boolean): Reply {
  const entry = result.state.backends.get(backend)!;
  const written: WrittenItem = { item: serverItem(entry, endpoint), revision: entry.servers.get(endpoint)!.revision };
  return changeReply(result, created ? { ...written, createdAt: serverLocation(backend, endpoint) } : written);
}
