import type { FleetHealth } from '../fleet/fleet-health.ts';
import { statusOf, type Standing } from '../fleet/standing.ts';
import type { EventLog } from './event-log.ts';

/** An outage of everything is one event. */
const MOST_SERVERS = 50;

/** Puts down when the fleet's word about servers changes, from now on. Returns how to stop. */
export function recordHealth(health: Pick<FleetHealth, 'onChange'>, events: EventLog): () => void {
  return health.onChange((changes) => {
    const servers = changes.slice(0, MOST_SERVERS).map(({ server, before, standing }) => {
      return { server, ...wordOf(standing), before: wordOf(before) };
    });
    events.record('verdict', { servers, totalServers: changes.length });
  });
}

function wordOf(standing: Standing): { readonly status: string; readonly verdict?: Standing } {
  const status = statusOf(standing);
  return status === 'agreed' ? { status, verdict: standing } : { status };
}
