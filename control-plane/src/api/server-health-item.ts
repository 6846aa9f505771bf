import { serverStates } from '@headgate/shared/model/server';
import { z } from 'zod';
import type { FleetHealth } from '../fleet/fleet-health.ts';
import type { FleetLoad } from '../fleet/fleet-load.ts';
import type { FleetRegister } from '../fleet/fleet-register.ts';
import type { ListedServer } from '../fleet/list-server-health.ts';
import { isChecked } from '../fleet/server-checks.ts';
import { opinionsAbout, type ServerOpinion } from '../fleet/server-opinions.ts';
import { standingStatuses, statusOf } from '../fleet/standing.ts';
import type { IntentState } from '../intent/intent-state.ts';
import { serverState } from '../intent/server-state.ts';
import { timeOf } from './time-of.ts';

const timeSchema = z.iso.datetime();
const verdictSchema = z.enum(['healthy', 'unhealthy', 'ejected', 'unknown']).meta({
  id: 'Verdict',
  description:
    'healthy: it gets requests. unhealthy: probes fail. ejected: requests have failed. unknown: nothing finds out, or the ' +
    'data plane has not said.',
});

const opinionSchema = z
  .object({
    dataPlane: z.string(),
    verdict: verdictSchema,
    since: timeSchema.optional().meta({
      description: "By the data plane's clock; absent when it was healthy for longer than is remembered.",
    }),
    lastError: z.string().meta({ description: '"" when there is none.' }),
    flapping: z.boolean().meta({ description: 'Whether it has changed its mind four times within five minutes.' }),
    stale: z
      .boolean()
      .meta({ description: 'Whether it has gone since: this is what it said last, and counts no more.' }),
    staleSince: timeSchema.optional().meta({ description: 'When it went; absent while it is connected.' }),
  })
  .meta({ id: 'ServerOpinion', description: 'What one data plane says of a server.' });

export const statusSchema = z
  .enum(standingStatuses, 'is not a status — use agreed, disputed, flapping or unknown')
  .meta({
    description:
      'The word of the fleet. agreed: all connected data planes hold it for healthy, or none does. disputed: some do, and ' +
      'some do not. flapping: one of them changes its mind again and again. unknown: nobody has a say, or nothing finds out.',
  });

export const serverHealthSchema = z
  .object({
    backend: z.string(),
    server: z.string().meta({ description: 'address:port' }),
    state: z.enum(serverStates),
    checked: z.boolean().meta({
      description: 'Whether anything finds out: its backend has a healthCheck or an ejection, and it is not disabled.',
    }),
    status: statusSchema,
    verdict: verdictSchema.optional().meta({ description: 'What they agree on; absent unless the status is agreed.' }),
    since: timeSchema.optional().meta({
      description: 'Since when status and verdict are so, by the clock of the control plane; absent when unknown.',
    }),
    inFlight: z.int().meta({
      description:
        'Requests and tunnels under way there over all connected data planes, as they said within the last seconds.',
    }),
    verdicts: z.record(verdictSchema, z.int()).meta({ description: 'How many connected data planes say what.' }),
    dataPlanes: z.array(opinionSchema).meta({
      description: 'Who says what: first those who are connected and do not hold it for healthy, then the others.',
    }),
    moreDataPlanes: z.int().meta({ description: 'How many more there are.' }),
  })
  .meta({ id: 'ServerHealth' });

export interface HealthSources {
  readonly intent: IntentState;
  readonly register: FleetRegister;
  readonly health: FleetHealth;
  readonly load: Pick<FleetLoad, 'inFlight'>;
}

/** How the API shows what the fleet says of a configured server; `most` data planes are named. */
export function serverHealthItem(
  { backend, endpoint }: ListedServer,
  { intent, register, health, load }: HealthSources,
  most: number,
): z.input<typeof serverHealthSchema> {
  const checked = isChecked(intent, backend, endpoint);
  const standing = health.standing(backend, endpoint);
  const since = health.statements(backend).get(endpoint)?.since;
  const asked = { server: `${backend}/${endpoint}`, checked, most };
  const { verdicts, shown, more } = opinionsAbout(asked, { register, health });
  return {
    backend,
    server: endpoint,
    state: serverState(intent.backends.get(backend)!, endpoint),
    checked,
    status: statusOf(standing),
    ...(standing === 'healthy' || standing === 'unhealthy' || standing === 'ejected' ? { verdict: standing } : {}),
    ...(since === undefined ? {} : { since: timeOf(since) }),
    inFlight: load.inFlight(asked.server),
    verdicts,
    dataPlanes: shown.map(opinionItem),
    moreDataPlanes: more,
  };
}

function opinionItem(opinion: ServerOpinion): z.input<typeof opinionSchema> {
  const { dataPlane, verdict, since, lastError, flapping, staleSince } = opinion;
  return {
    dataPlane,
    verdict,
    ...(since === undefined ? {} : { since: timeOf(since) }),
    lastError,
    flapping,
    stale: staleSince !== undefined,
    ...(staleSince === undefined ? {} : { staleSince: timeOf(staleSince) }),
  };
}
