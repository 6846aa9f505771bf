import { serverSchema } from '@headgate/shared/model/server';
import { serverDocument } from '../../intent/documents.ts';
import type { WriteResult } from '../../intent/intent.ts';
import type { ServerName } from '../../intent/plan-delete-server.ts';
import { changeAnswers, changeReply, type WrittenItem } from '../change.ts';
import { serverLocation } from '../locations.ts';
import type { Reply } from '../reply.ts';

export const serverAnswers = changeAnswers('ServerChange', serverSchema);

/** The answer of a write that has left a server; `created` says that there was none before. */
export function serverReply(result: WriteResult, { backend, endpoint }: ServerName, created: boolean): Reply {
  const { document, revision } = result.state.backends.get(backend)!.servers.get(endpoint)!;
  const written: WrittenItem = { item: serverDocument(document), revision };
  return changeReply(result, created ? { ...written, createdAt: serverLocation(backend, endpoint) } : written);
}
