import { serverItemSchema } from '@headgate/shared/model/server-resource';
import type { WriteResult } from '../../intent/intent.ts';
import { changeAnswers, changeReply } from '../change.ts';
import { serverLocation } from '../locations.ts';
import type { Reply } from '../reply.ts';
import { shownServer } from '../shown-server.ts';
import type { SoughtServer } from '../sought-server.ts';

export const serverAnswers = changeAnswers('ServerChange', serverItemSchema);

/** The answer of a write that has left a server, which was sought when it was planned. */
export function serverReply(result: WriteResult, { backend, endpoint, whole, subject }: SoughtServer): Reply {
  const written = shownServer(whole(backend, result.state)!, endpoint)!;
  const created = subject.revision === undefined;
  return changeReply(result, created ? { ...written, createdAt: serverLocation(backend, endpoint) } : written);
}
