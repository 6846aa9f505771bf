import { z } from 'zod';
import { defineOperation, type Operation } from '../operation.ts';

const places = [
  { operationId: 'getOpenApi', path: '/openapi.json' },
  { operationId: 'getOpenApiV1', path: '/api/v1/openapi.json' },
] as const;

/** The description of all operations, these two included. */
export function getOpenApi(document: () => unknown): readonly Operation[] {
  return places.map((place) =>
    defineOperation({
      ...place,
      method: 'get',
      tag: 'status',
      summary: 'This description, as OpenAPI 3.1',
      scope: 'read',
      answers: { 200: { description: 'The description.', schema: z.looseObject({ openapi: z.string() }) } },
      handle: () => ({ status: 200, body: document() }),
    }),
  );
}
