import { z } from 'zod';

/** A query parameter that is `true` or `false`, by default false. */
export function switchSchema(description: string) {
  return z
    .enum(['true', 'false'], 'is not a boolean — use true or false')
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description });
}
