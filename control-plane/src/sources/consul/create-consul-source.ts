import type { BackoffOptions } from '@headgate/shared/backoff';
import type { ConsulSource } from '@headgate/shared/model/consul-source';
import type { ServerSource, ServerSourceContext } from '../source.ts';
import { ConsulClient } from './consul-client.ts';
import { JoinedServices } from './joined-services.ts';
import { ServicePoller } from './service-poller.ts';

export interface ConsulSourceOptions {
  /** Pauses between failed attempts. Default: from 500 ms to 30 s. */
  readonly backoff?: BackoffOptions;
}

/**
 * Follows the instances of one or several services in Consul (articles 002 and 003): one blocking query for each service
 * is always under way.
 */
export function createConsulSource(
  source: ConsulSource,
  context: ServerSourceContext,
  { backoff = { baseMs: 500, maxMs: 30_000 } }: ConsulSourceOptions = {},
): ServerSource {
  const client = new ConsulClient(source, context);
  const services = new JoinedServices(source.services, context.sink);
  const pollers = source.services.map((service) => {
    const query = client.query.bind(client);
    return new ServicePoller({ service, query, listener: services, clock: context.clock, backoff });
  });
  return {
    start: () => pollers.forEach((poller) => poller.start()),
    close: async () => {
      await Promise.all(pollers.map((poller) => poller.close()));
      client.close();
    },
  };
}
