import { checkSchema } from '@headgate/shared/model/check-schema';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import type { Checked } from '@headgate/shared/model/fault';
import { wholeNumberSchema } from '@headgate/shared/model/whole-number';
import { z } from 'zod';
import { assertAddresses } from '../../intent/assert-addresses.ts';
import { planRollback } from '../../intent/plan-rollback.ts';
import { accept, changeReply, changeSchema } from '../change.ts';
import { changeConditions, entityTag, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { jsonBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

const rollbackSchema = z
  .strictObject({ to: wholeNumberSchema('a revision', 0, 999_999_999_999_999) })
  .meta({ id: 'Rollback', description: 'The revision whose content is wanted again.' });

export function rollback({ documents, ...rooms }: ChangeRooms & Pick<ApiRooms, 'documents'>): Operation {
  return defineChange(rooms, {
    operationId: 'rollback',
    method: 'post',
    path: '/api/v1/rollback',
    tag: 'revisions',
    summary: 'Makes a new revision with the content of an earlier one',
    scope: 'write',
    headers: z.object({ 'if-match': changeConditions['if-match'], ...messageHeader }),
    body: jsonBody(rollbackSchema),
    answers: {
      200: {
        description: 'Rolled back, or equal already.',
        schema: changeSchema,
        headers: { ETag: 'The newest revision, in quotes.' },
      },
    },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE'],
    prepare(request) {
      const { to } = accept(parseRollback(request.body));
      const { history } = rooms.intent;
      return {
        plan: async (state) => {
          const planned = await planRollback(state, { to, history, ...preconditionOf(request.headers) });
          assertAddresses(planned.objects, documents);
          return planned;
        },
        reply: (result) => ({ ...changeReply(result), headers: { ETag: entityTag(result.revision) } }),
        defaultMessage: `rollback to ${to}`,
      };
    },
  });
}

function parseRollback(content: unknown): Checked<z.output<typeof rollbackSchema>> {
  const result = checkSchema(rollbackSchema, content);
  return result.ok ? result : { ok: false, faults: limitFaults(result.faults) };
}
