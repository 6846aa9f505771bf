import { createServer } from 'node:net';
import type { SocketAddress } from '@headgate/shared/config/setting-types';

/**
 * Rejects, as listening would, when somebody listens there already. Sockets that share a port would let another data plane
 * of the same user have part of the connections, without a word.
 */
export async function assertFreePort({ host, port }: SocketAddress): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
