import { createServer, type AddressInfo, type Server } from 'node:net';

/** Whether several sockets can listen on one port here, and the system spreads connections over them. */
export async function canSharePort(): Promise<boolean> {
  const servers: Server[] = [];
  try {
    const { port } = await listen(servers, 0);
    await listen(servers, port);
    return true;
  } catch {
    return false;
  } finally {
    for (const server of servers) server.close();
  }
}

function listen(servers: Server[], port: number): Promise<AddressInfo> {
  const server = createServer();
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, reusePort: true }, () => resolve(server.address() as AddressInfo));
  });
}
