import { BACKENDS, type RegisteringServer } from './registering-server.ts';

/** A way to register, which is also the heartbeat: what goes over the wire for all servers, and how many one request is for. */
export interface RegistrationWay {
  readonly name: string;
  readonly serversOfRequest: number;
  readonly requests: (servers: readonly RegisteringServer[]) => readonly string[];
}

export const byPut: RegistrationWay = {
  name: 'PUT, no content',
  serversOfRequest: 1,
  requests: (servers) =>
    servers.map((server) => {
      const { backend, address, port } = server;
      return request('PUT', `/api/v1/backends/${backend}/registrations/${address}:${port}`, server);
    }),
};

/** All of a backend's at once. */
export const byPost: RegistrationWay = {
  name: 'POST, 100 at once',
  serversOfRequest: 100,
  requests: (servers) =>
    servers.slice(0, BACKENDS).map((first) => {
      const own = servers.filter(({ backend }) => backend === first.backend);
      const content = JSON.stringify({ items: own.map(({ address, port }) => ({ address, port })) });
      return request('POST', `/api/v1/backends/${first.backend}/registrations`, first, content);
    }),
};

/** Article 004's. */
export const byUpstreamAdd: RegistrationWay = {
  name: 'GET /upstream/add',
  serversOfRequest: 1,
  requests: (servers) =>
    servers.map((server) => {
      const { backend, address, port } = server;
      return request('GET', `/upstream/add?host=${address}&port=${port}&backend=${backend}`, server);
    }),
};

function request(method: string, target: string, { token }: RegisteringServer, content = ''): string {
  const type = content === '' ? '' : 'Content-Type: application/json\r\n';
  const head = `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
  return `${head}${type}Content-Length: ${content.length}\r\n\r\n${content}`;
}
