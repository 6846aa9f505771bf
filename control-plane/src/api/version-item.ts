import { z } from 'zod';
import type { ApiRooms } from './rooms.ts';

export const versionSchema = z
  .object({
    version: z.int(),
    epoch: z.string().meta({ description: 'Versions of different epochs are not comparable.' }),
    revision: z.int().meta({ description: 'The revision of the configuration that it holds.' }),
  })
  .meta({ id: 'Version', description: 'A snapshot that data planes serve, or are to serve.' });

/** The newest version. */
export function newestVersion({ desired }: Pick<ApiRooms, 'desired'>): z.input<typeof versionSchema> {
  const { version, epoch, revision } = desired.state.value;
  return { version, epoch, revision };
}
