import { configurationSchema } from '@headgate/shared/model/configuration';
import { z } from 'zod';
import { configurationDocument } from '../../intent/documents.ts';
import type { RevisionMark } from '../../intent/precondition.ts';
import type { LayerState } from '../../membership/membership-state.ts';
import { readConditions } from '../conditions.ts';
import { contentMark } from '../content-mark.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { layerParams } from '../parameters.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function getLayer({ membership }: Pick<ApiRooms, 'membership'>): Operation {
  return defineOperation({
    operationId: 'getLayer',
    method: 'get',
    path: '/api/v1/layers/{layer}',
    tag: 'layers',
    summary: 'Shows what a document layer holds, as a configuration',
    scope: 'read',
    params: layerParams,
    headers: z.object(readConditions),
    answers: readAnswers(configurationSchema),
    handle({ params, headers }) {
      const layer = membership.state.value.layers[params.layer];
      return readReply(headers, { revision: markOf(layer), document: () => configurationDocument(layer) });
    },
  });
}

const marks = new WeakMap<LayerState, RevisionMark>();

/** Worked out once for each state: whoever asks whether a large document has changed asks often. */
function markOf(layer: LayerState): RevisionMark {
  const mark = marks.get(layer) ?? contentMark(0, configurationDocument(layer));
  marks.set(layer, mark);
  return mark;
}
