import type { ServingTable } from '../routing/serving-table.ts';
import { verdict, type ServerSlots } from '../upstream/server-slots.ts';

const VERDICT_NAMES = { [verdict.unknown]: 'unknown', [verdict.healthy]: 'healthy', [verdict.unhealthy]: 'unhealthy' };

/** The running configuration as the text of one JSON document, in pieces of one object each. */
export function* configurationDump(table: ServingTable, slots: ServerSlots): IterableIterator<string> {
  yield `{"epoch":${JSON.stringify(table.id.epoch)},"version":${table.id.version},"backends":[`;
  yield* separated(table.backends.values(), (backend) => ({
    ...backend.settings,
    servers: backend.candidates.map(({ server, weight, priority, state, zone, labels }) => ({
      address: server.address,
      port: server.port,
      state,
      weight,
      priority,
      zone,
      labels,
      verdict: VERDICT_NAMES[slots.verdicts[server.slot] as keyof typeof VERDICT_NAMES],
      ejected: slots.ejected[server.slot] === 1,
      inFlight: slots.inFlight[server.slot],
    })),
  }));
  yield '],"hosts":[';
  yield* separated(table.hosts.hosts(), (host) => host);
  yield ']}\n';
}

function* separated<T>(items: Iterable<T>, show: (item: T) => unknown): IterableIterator<string> {
  let separator = '';
  for (const item of items) {
    yield separator + JSON.stringify(show(item));
    separator = ',';
  }
}
