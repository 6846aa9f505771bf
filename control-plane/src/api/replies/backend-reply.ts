import { backendSchema } from '@headgate/shared/model/backend';
import { backendDocument } from '../../intent/documents.ts';
import type { WriteResult } from '../../intent/intent.ts';
import { changeAnswers, changeReply, type WrittenItem } from '../change.ts';
import { backendLocation } from '../locations.ts';
import type { Reply } from '../reply.ts';

export const backendAnswers = changeAnswers('BackendChange', backendSchema);

/** The answer of a write that has left a backend; `created` says that there was none before. */
export function backendReply(result: WriteResult, name: string, created: boolean): Reply {
  const entry = result.state.backends.get(name)!;
  const written: WrittenItem = { item: backendDocument(entry), revision: entry.revision };
  return changeReply(result, created ? { ...written, createdAt: backendLocation(name) } : written);
}
