import { serverSources, type ServerSource } from '@headgate/shared/model/server-resource';

/** The kind of source that an owner is: `consul` of `consul:0`. @throws Error when it is none. */
export function sourceOf(owner: string): ServerSource {
  const type = owner.split(':', 1)[0];
  const source = serverSources.find((known) => known === type);
  if (source === undefined) throw new Error(`${JSON.stringify(owner)} is no owner of servers`);
  return source;
}
