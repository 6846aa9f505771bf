import type { Checked } from '@headgate/shared/model/fault';
import { HeadgateError } from '@headgate/shared/error';
import { z } from 'zod';
import type { Author, WriteResult } from '../intent/intent.ts';
import type { RevisionMark } from '../intent/precondition.ts';
import { entityTag } from './conditions.ts';
import type { AnswerDefinition } from './operation.ts';
import { messageOf, type MessageParameters } from './message.ts';
import type { Reply } from './reply.ts';
import type { AuditOrigin } from '../store/access-store.ts';
import type { Actor } from './scope.ts';

const changeShape = {
  revision: z.int().meta({ description: 'The newest revision of the configuration.' }),
  version: z
    .int()
    .meta({ description: 'The version that data planes will serve; see /api/v1/versions/{version}/convergence.' }),
  epoch: z.string().meta({ description: 'Versions of different epochs are not comparable.' }),
  changed: z.boolean().meta({ description: 'False when the content was equal to what there was.' }),
};

const ETAG = 'The revision that wrote it last, in quotes; with a mark where others have a part in it, too.';

/** Answer of a write that leaves nothing to show. */
export const changeSchema = z.object(changeShape).meta({ id: 'Change' });

/** Answers of writes that leave an object. */
export function changeAnswers(id: string, item: z.ZodType): Readonly<Record<200 | 201, AnswerDefinition>> {
  const schema = z.object({ ...changeShape, item }).meta({ id });
  return {
    200: { description: 'Replaced, or equal already.', schema, headers: { ETag: ETAG } },
    201: { description: 'Created.', schema, headers: { ETag: ETAG, Location: 'Where it is.' } },
  };
}

/** What is looked at to know who makes a change, and why. */
export interface Authored extends MessageParameters {
  readonly actor: Actor;
  readonly origin: AuditOrigin;
}

/** Who makes a change, why, and by which request. */
export function authorOf(request: Authored): Author & { readonly origin: AuditOrigin } {
  return { author: request.actor.name, message: messageOf(request), origin: request.origin };
}

/** The content of a request, or all its faults. @throws HeadgateError */
export function accept<T>(checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw new HeadgateError('HEADGATE_INVALID', 'The content is not valid; nothing was changed', {
    faults: checked.faults,
  });
}

export interface WrittenItem {
  readonly item: unknown;
  /** Its own. */
  readonly revision: RevisionMark;
  /** Where it is, when it was created. */
  readonly createdAt?: string | undefined;
}

/** The answer of a write; `written` is what it leaves, if anything. */
export function changeReply(result: WriteResult, written?: WrittenItem): Reply {
  const { revision, version, epoch, changed } = result;
  const numbers = { revision, version, epoch, changed };
  if (written === undefined) return { status: 200, body: numbers };
  const headers = { ETag: entityTag(written.revision) };
  const body = { ...numbers, item: written.item };
  if (written.createdAt === undefined) return { status: 200, body, headers };
  return { status: 201, body, headers: { ...headers, Location: written.createdAt } };
}
