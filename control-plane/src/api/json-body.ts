import { z } from 'zod';
import type { BodyDefinition } from './operation.ts';

/** Content that is a whole document. */
export function jsonBody(schema: z.ZodType, description?: string): BodyDefinition {
  return { schema, description, mediaTypes: ['application/json'] };
}

/** Content that is a whole document, or none. */
export function optionalJsonBody(schema: z.ZodType, description: string): BodyDefinition {
  return { ...jsonBody(schema, description), optional: true };
}

/** Content that is a JSON Merge Patch (RFC 7396) of a document; what it makes is checked. */
export function mergePatchBody(noun: string): BodyDefinition {
  const description = `JSON Merge Patch (RFC 7396) of the ${noun}: members replace, null removes, lists replace as a whole.`;
  return {
    schema: z.looseObject({}).meta({ description }),
    mediaTypes: ['application/merge-patch+json', 'application/json'],
  };
}
