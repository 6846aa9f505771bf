import { hostSchema } from '@headgate/shared/model/host';
import { hostDocument } from '../../intent/documents.ts';
import type { WriteResult } from '../../intent/intent.ts';
import { changeAnswers, changeReply, type WrittenItem } from '../change.ts';
import { hostLocation } from '../locations.ts';
import type { Reply } from '../reply.ts';

export const hostAnswers = changeAnswers('HostChange', hostSchema);

/** The answer of a write that has left a host; `created` says that there was none before. */
export function hostReply(result: WriteResult, pattern: string, created: boolean): Reply {
  const { document, revision } = result.state.hosts.get(pattern)!;
  const written: WrittenItem = { item: hostDocument(document), revision };
  return changeReply(result, created ? { ...written, createdAt: hostLocation(pattern) } : written);
}
