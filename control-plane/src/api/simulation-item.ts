import { z } from 'zod';

const destinationSchema = z
  .object({
    host: z.string().optional().meta({ description: 'The pattern of the host that matches.' }),
    route: z.int().optional().meta({ description: 'Which of its routes, from 0.' }),
    backends: z
      .array(z.object({ name: z.string(), weight: z.int() }))
      .meta({ description: 'Who gets the request, by weight; empty when nobody does.' }),
    reason: z
      .enum(['unknown_host', 'no_route'])
      .optional()
      .meta({ description: 'Why nobody does, as data planes answer it.' }),
  })
  .meta({ id: 'SimulatedDestination', description: 'Where a request goes.' });

const itemSchema = z
  .object({
    current: destinationSchema,
    draft: destinationSchema,
    changed: z.boolean().meta({ description: 'Whether the backends or their shares differ.' }),
  })
  .meta({ id: 'SimulatedRoute' });

/** The answer to a simulation. */
export const simulationSchema = z
  .object({
    revision: z.int().meta({ description: 'The revision of the current configuration.' }),
    changed: z.array(z.int()).meta({ description: 'Which of the requests would go elsewhere, from 0.' }),
    items: z.array(itemSchema).meta({ description: 'One for each request, in their order.' }),
  })
  .meta({ id: 'Simulation', description: 'Where requests go, now and under the draft.' });
