import { z } from 'zod';
import type { SecretRecord } from '../store/secret-store.ts';

const timeSchema = z.iso.datetime();

export const secretSchema = z
  .object({
    name: z.string(),
    created: timeSchema,
    updated: timeSchema,
    size: z.int().meta({ description: 'Of the value, in bytes.' }),
  })
  .meta({ id: 'Secret', description: 'What is known of a secret. Its value is never shown.' });

/** A secret as callers see it. */
export function secretItem({ name, createdAt, updatedAt, size }: SecretRecord): z.input<typeof secretSchema> {
  return { name, created: new Date(createdAt).toISOString(), updated: new Date(updatedAt).toISOString(), size };
}
