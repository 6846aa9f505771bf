// A balancer as it is usually written on http-proxy-3. PORT and ORIGINS come from the environment.
import { Agent, createServer } from 'node:http';
import { createRequire } from 'node:module';

// The data plane depends on it, under this name.
const { createProxyServer } = createRequire(new URL('../../data-plane/package.json', import.meta.url))('http-proxy');

const targets = process.env.ORIGINS.split(',').map((endpoint) => `http://${endpoint}`);
const agent = new Agent({ keepAlive: true, maxFreeSockets: 128 });
const proxy = createProxyServer({ agent, xfwd: true });
let turn = 0;
proxy.on('error', (_error, _request, answer) => answer.writeHead?.(502).end());
const server = createServer({ keepAliveTimeout: 75_000 }, (request, answer) =>
  proxy.web(request, answer, { target: targets[turn++ % targets.length] }),
);
server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 });
