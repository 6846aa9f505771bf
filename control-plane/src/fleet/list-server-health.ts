import type { IntentState } from '../intent/intent-state.ts';
import type { FleetHealth } from './fleet-health.ts';
import { statusOf, type StandingStatus } from './standing.ts';

/** A configured server. */
export interface ListedServer {
  readonly backend: string;
  /** `address:port` */
  readonly endpoint: string;
}

export interface ServerHealthQuestion {
  /** Names of backends, in order. */
  readonly backends: readonly string[];
  readonly status: StandingStatus | undefined;
  /** Also servers of which nobody says anything but healthy. */
  readonly all: boolean;
  /** Servers up to this one are left out. */
  readonly after: ListedServer | undefined;
}

export interface ServerHealthSources {
  readonly intent: Pick<IntentState, 'backends'>;
  readonly health: Pick<FleetHealth, 'statements' | 'standing'>;
}

/** Servers by backend and `address:port`, found as they are drawn. */
export function* listServerHealth(
  question: ServerHealthQuestion,
  { intent, health }: ServerHealthSources,
): Generator<ListedServer> {
  const { backends, status, after } = question;
  // Nobody disputes anything, or flaps, without a statement: so not every server need be looked at.
  const all = question.all && status !== 'disputed' && status !== 'flapping';
  for (const backend of backends) {
    if (after !== undefined && backend < after.backend) continue;
    const entry = intent.backends.get(backend);
    if (entry === undefined) continue;
    const stated = health.statements(backend);
    const endpoints = all ? entry.servers.keys() : [...stated.keys()].filter((name) => entry.servers.has(name)).sort();
    for (const endpoint of endpoints) {
      if (after?.backend === backend && endpoint <= after.endpoint) continue;
      if (status === undefined || statusOf(health.standing(backend, endpoint)) === status) yield { backend, endpoint };
    }
  }
}
