import type { ServingState } from '../routing/serving-state.ts';
import type { ServerSlot } from '../upstream/server-slots.ts';

/** Told which names servers have. */
export interface NameFollower {
  expect(name: string): void;
  forget(name: string): void;
}

/**
 * Tells which names the servers of the table have, each once however many servers have it: a new one before the first
 * request goes there, since listeners are called before anything else runs. Costs nothing but a look at each server that
 * comes or goes. Returns how to stop.
 */
export function followNames(
  serving: Pick<ServingState, 'openBackends' | 'onOpened' | 'onPublish'>,
  follower: NameFollower,
): () => void {
  const servers = new Map<string, Set<ServerSlot>>();
  const join = (server: ServerSlot): void => {
    if (!server.named) return;
    const others = servers.get(server.address);
    if (others !== undefined) return void others.add(server);
    servers.set(server.address, new Set([server]));
    follower.expect(server.address);
  };
  const leave = (server: ServerSlot): void => {
    const others = servers.get(server.address);
    if (others?.delete(server) !== true || others.size > 0) return;
    servers.delete(server.address);
    follower.forget(server.address);
  };
  for (const { candidates } of serving.openBackends()) for (const { server } of candidates) join(server);
  const stops = [
    serving.onOpened(({ candidates }) => {
      for (const { server } of candidates) join(server);
    }),
    // A name that one server gives up and another takes over goes on.
    serving.onPublish(({ added, removed }) => {
      added.forEach(join);
      removed.forEach(leave);
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
