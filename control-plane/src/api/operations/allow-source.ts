import { z } from 'zod';
import { notFound } from '../../intent/precondition.ts';
import { layerNames } from '../../membership/membership-state.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

const schema = z.object({ allowed: z.literal(true) }).meta({ id: 'AllowedSource' });

export function allowSource({ sources, audit }: Pick<ApiRooms, 'sources' | 'audit'>): Operation {
  return defineOperation({
    operationId: 'allowSource',
    method: 'post',
    path: '/api/v1/sources/{layer}/allow',
    tag: 'sources',
    summary: 'Lets the document of a layer pass that the change guard holds',
    scope: 'write',
    params: z.strictObject({ layer: z.enum(layerNames, 'is not a document layer — use file, redis or posted') }),
    answers: { 200: { description: 'It is applied next; GET /api/v1/sources shows when it is.', schema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_NOT_HELD'],
    async handle({ params: { layer }, actor, origin }) {
      const source = sources.layer(layer);
      if (source === undefined) throw notFound(`source of the layer ${layer}`);
      await audit.wrote({ ...origin, actor: actor.name, objects: [`layer/${layer}`], changes: 0, message: '' });
      source.allow();
      return { status: 200, body: { allowed: true } };
    },
  });
}
