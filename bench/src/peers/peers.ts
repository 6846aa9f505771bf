import { join } from 'node:path';
import type { Endpoint } from './endpoint.ts';

/** A proxy that Headgate is measured beside. */
export interface Peer {
  readonly name: string;
  /** `node` for those of bench/peers. */
  readonly program: string;
  /** Files without which it cannot run. */
  readonly needs?: readonly string[];
  /** How to get it. */
  readonly install: string;
  /** Of bench/peers; without it ORIGINS and PORT stand in its environment. */
  readonly template?: string;
  readonly serverLine?: (endpoint: Endpoint, index: number) => string;
  readonly arguments: (configuration: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly version: readonly string[];
}

const luaModules = '/usr/lib/nginx/modules';

export const nginx: Peer = {
  name: 'nginx',
  program: 'nginx',
  install: 'apt-get install nginx',
  template: 'nginx.conf',
  serverLine: ({ address, port }) => `    server ${address}:${port};`,
  arguments: (file) => ['-e', 'stderr', '-c', file],
  version: ['-v'],
};

/** The articles' design. */
export const nginxLua: Peer = {
  name: 'nginx + Lua (the articles)',
  program: 'nginx',
  needs: [`${luaModules}/ndk_http_module.so`, `${luaModules}/ngx_http_lua_module.so`],
  install: 'apt-get install nginx libnginx-mod-http-lua lua-cjson',
  template: 'nginx-lua.conf',
  serverLine: ({ address, port }) => `      { host = "${address}", port = ${port} },`,
  arguments: (file) => ['-e', 'stderr', '-c', file],
  version: ['-v'],
};

export const haproxy: Peer = {
  name: 'HAProxy',
  program: 'haproxy',
  install: 'apt-get install haproxy',
  template: 'haproxy.cfg',
  serverLine: ({ address, port }, index) => `  server s${index} ${address}:${port}`,
  arguments: (file) => ['-f', file],
  version: ['-v'],
};

export const caddy: Peer = {
  name: 'Caddy',
  program: 'caddy',
  install: 'apt-get install caddy',
  template: 'Caddyfile',
  serverLine: ({ address, port }) => `${address}:${port}`,
  arguments: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  env: { GOMAXPROCS: '1' },
  version: ['version'],
};

export const envoy: Peer = {
  name: 'Envoy',
  program: 'envoy',
  install: 'bench/peers/get-envoy.sh puts it in ~/.cache/headgate/envoy',
  template: 'envoy.yaml',
  serverLine: ({ address, port }) =>
    `              - endpoint: { address: { socket_address: { address: ${address}, port_value: ${port} } } }`,
  arguments: (file) => ['-c', file, '--concurrency', '1', '-l', 'error', '--disable-hot-restart'],
  version: ['--version'],
};

export const httpProxy = nodePeer('http-proxy-3', 'http-proxy.mjs');
export const nodeHttp = nodePeer("Node's HTTP server and client", 'node-http.mjs');
/** Bytes copied between sockets: what Node costs before any HTTP. */
export const tcpFloor = nodePeer('TCP bytes on Node, no HTTP', 'tcp-floor.mjs');

function nodePeer(name: string, script: string): Peer {
  const path = join(import.meta.dirname, '..', '..', 'peers', script);
  return { name, program: 'node', install: '', arguments: () => [path], version: ['--version'] };
}
