import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { sessionKeysItem, sessionKeysSchema } from '../session-key-item.ts';

export function listSessionKeys({ sessionKeys }: Pick<ApiRooms, 'sessionKeys'>): Operation {
  return defineOperation({
    operationId: 'listSessionKeys',
    method: 'get',
    path: '/api/v1/session-keys',
    tag: 'session-keys',
    summary: 'Lists the keys of session cookies, without their secrets',
    scope: 'read',
    answers: { 200: { description: 'All that hold.', schema: sessionKeysSchema } },
    handle: () => ({ status: 200, body: sessionKeysItem(sessionKeys.status) }),
  });
}
