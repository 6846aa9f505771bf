// Node's own HTTP server and client, and nothing more. PORT and ORIGINS come from the environment.
import { Agent, createServer, request as ask } from 'node:http';

const origins = process.env.ORIGINS.split(',').map((endpoint) => endpoint.split(':'));
const agent = new Agent({ keepAlive: true, maxFreeSockets: 128 });
let turn = 0;
const server = createServer({ keepAliveTimeout: 75_000 }, (request, answer) => {
  const [host, port] = origins[turn++ % origins.length];
  const { method, url: path, headers } = request;
  const asked = ask({ agent, host, port, method, path, headers }, (reply) => {
    answer.writeHead(reply.statusCode, reply.headers);
    reply.pipe(answer);
  });
  asked.on('error', () => answer.destroy());
  request.pipe(asked);
});
server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 });
