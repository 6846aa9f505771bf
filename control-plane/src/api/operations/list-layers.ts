import { layerNames } from '../../membership/membership-state.ts';
import { layerItem, layersSchema } from '../layer-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

export function listLayers({ desired, membership }: Pick<ApiRooms, 'desired' | 'membership'>): Operation {
  return defineOperation({
    operationId: 'listLayers',
    method: 'get',
    path: '/api/v1/layers',
    tag: 'layers',
    summary: 'Lists the document layers beside the configuration of operators, and how much they hold',
    scope: 'read',
    answers: { 200: { description: 'All there are, those that hold nothing too.', schema: layersSchema } },
    handle() {
      const items = layerNames.map((name) => layerItem(name, membership.state.value));
      return { status: 200, body: { version: desired.state.value.version, items } };
    },
  });
}
