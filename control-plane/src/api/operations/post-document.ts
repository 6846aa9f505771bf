import { configurationSchema } from '@headgate/shared/model/configuration';
import { z } from 'zod';
import { accept } from '../change.ts';
import { jsonBody } from '../json-body.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { switchSchema } from '../switch-schema.ts';

const schema = z
  .object({
    version: z.int().meta({ description: 'The version that data planes will serve.' }),
    changed: z.boolean(),
    saved: z.boolean().meta({ description: 'False: it is gone when the control plane starts again.' }),
  })
  .meta({ id: 'PostedDocument' });

const DESCRIPTION =
  'A whole configuration, in the native spelling or the one of article 001 (backend_name, addr, health_check). It becomes ' +
  'the document layer posted, beside what operators wrote by /api/v1.';

/** Article 001: the configuration is posted whole, and saved only on request. */
export function postDocument({
  membership,
  desired,
  documents,
  audit,
}: Pick<ApiRooms, 'membership' | 'desired' | 'documents' | 'audit'>): Operation {
  return defineOperation({
    operationId: 'postDocument',
    method: 'post',
    path: '/config',
    tag: 'sources',
    summary: 'Replaces the document layer posted; with x-save: 1 it outlives the control plane (article 001)',
    scope: 'write',
    query: z.strictObject({
      force: switchSchema('Lets a document pass that the change guard would hold.'),
    }),
    headers: z.object({
      'x-save': z
        .enum(['0', '1'], 'is neither 0 nor 1')
        .optional()
        .meta({ description: '1: it is saved. Default 0: what was saved last comes back at the next start.' }),
    }),
    body: jsonBody(configurationSchema, DESCRIPTION),
    answers: { 200: { description: 'It is served, or was already.', schema } },
    errors: ['HEADGATE_GUARD', 'HEADGATE_STORE_FULL', 'HEADGATE_UNAVAILABLE'],
    async handle({ body, query, headers, actor, origin }) {
      const document = accept(documents.configuration(body));
      const saved = headers['x-save'] === '1';
      const write = { layer: 'posted', document, desired: desired.state.value, force: query.force, saved } as const;
      const { version, changed } = await membership.putLayer(write);
      await audit.wrote({
        ...origin,
        actor: actor.name,
        objects: ['layer/posted'],
        changes: Number(changed),
        message: '',
      });
      return { status: 200, body: { version, changed, saved } };
    },
  });
}
