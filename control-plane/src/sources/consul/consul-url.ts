import { formatDuration } from '@headgate/shared/model/duration';
import type { ConsulSource } from '@headgate/shared/model/consul-source';

/**
 * Where the instances of a service are asked for. With an index above 0 the query blocks: Consul answers when something
 * has changed since, or after the source's wait and up to a sixteenth of it more.
 */
export function consulUrl(source: ConsulSource, service: string, index: bigint): URL {
  const url = new URL(`/v1/${source.use}/service/${encodeURIComponent(service)}`, source.address);
  const parameters = url.searchParams;
  if (source.passingOnly) parameters.set('passing', '1');
  if (source.datacenter !== '') parameters.set('dc', source.datacenter);
  for (const tag of source.tags) parameters.append('tag', tag);
  if (source.stale) parameters.set('stale', '');
  if (index > 0n) {
    parameters.set('index', String(index));
    parameters.set('wait', formatDuration(source.waitMs));
  }
  return url;
}
