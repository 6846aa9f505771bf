import { z } from 'zod';
import type { StandingCounts } from '../fleet/statement-table.ts';

/** How many servers stand how, in the words of the API. */
export const healthCountsSchema = z
  .object({
    servers: z.int().meta({ description: 'Of the configuration.' }),
    healthy: z.int().meta({ description: 'agreed' }),
    unhealthy: z.int().meta({ description: 'agreed' }),
    ejected: z.int().meta({ description: 'agreed' }),
    disputed: z.int(),
    flapping: z.int(),
    unknown: z.int(),
  })
  .meta({ id: 'HealthCounts' });

/** The sum of the counts of some backends. */
export function sumOfCounts(counts: Iterable<StandingCounts>): z.input<typeof healthCountsSchema> {
  const sum = { servers: 0, healthy: 0, unhealthy: 0, ejected: 0, disputed: 0, flapping: 0, unknown: 0 };
  for (const { healthy, unhealthy, ejected, disputed, flapping, unknown } of counts) {
    sum.servers += healthy + unhealthy + ejected + disputed + flapping + unknown;
    sum.healthy += healthy;
    sum.unhealthy += unhealthy;
    sum.ejected += ejected;
    sum.disputed += disputed;
    sum.flapping += flapping;
    sum.unknown += unknown;
  }
  return sum;
}
