import type { Limits } from '@headgate/shared/model/limits';
import type { Publication } from '../routing/serving-state.ts';
import type { ServingTable } from '../routing/serving-table.ts';

const noQueue: Pick<Limits, 'queueLength' | 'queueTimeoutMs'> = { queueLength: 0, queueTimeoutMs: 0 };

/** Gives those who wait what a new table has brought: servers, other limits, or the answer that their backend is gone. */
export function reconsiderQueues({ before, after, changedBackends }: Publication): void {
  for (const name of changedBackends) {
    const queue = before.backends.get(name)?.traffic.queue;
    queue?.reconsider(after.backends.get(name)?.settings.limits ?? noQueue);
  }
}

/** The verdict about a server (`backend/address:port`) has changed: it may be usable again. */
export function serveQueueOf(server: string, { backends }: ServingTable): void {
  backends.get(server.slice(0, server.indexOf('/')))?.traffic.queue?.serve();
}
