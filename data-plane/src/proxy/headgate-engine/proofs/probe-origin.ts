import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProbeOrigin {
  readonly port: number;
  close(): Promise<void>;
}

/** A plain server for the cases of the corpus that are to be served: it echoes content and cookies. */
export async function startProbeOrigin(): Promise<ProbeOrigin> {
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    answer(request, response).catch(() => response.destroy()); // the forwarder has cut it
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const content: Buffer[] = [];
  for await (const bytes of request) content.push(bytes as Buffer);
  response.setHeader('Allow', 'GET, HEAD, POST, OPTIONS');
  response.setHeader('Content-Type', 'text/plain');
  const known = ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'].includes(request.method ?? '');
  response.statusCode = known ? 200 : 405;
  response.end(Buffer.concat(content).toString('latin1') || (request.headers.cookie ?? 'ok'), 'latin1');
}
