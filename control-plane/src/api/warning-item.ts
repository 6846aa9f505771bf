import { z } from 'zod';

export const warningSchema = z
  .object({
    kind: z.enum(['backend', 'host', 'override']),
    name: z
      .string()
      .meta({ description: 'The name of the backend, the pattern of the host, or backend/address:port.' }),
    route: z.int().optional().meta({ description: 'Which route of the host, from 0.' }),
    code: z.enum(['shadowed_route', 'unused_backend', 'no_servers', 'no_active_server', 'no_such_server']),
    detail: z.string().meta({ description: 'What is hardly meant.' }),
    fix: z.string().meta({ description: 'What to do about it.' }),
  })
  .meta({ id: 'Warning', description: 'Something that is valid and yet hardly meant.' });
