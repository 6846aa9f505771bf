// The floor for anything on Node: bytes copied between two sockets, no HTTP. PORT and ORIGINS come from the environment.
import { connect, createServer } from 'node:net';

const origins = process.env.ORIGINS.split(',').map((endpoint) => endpoint.split(':'));
let turn = 0;
createServer({ noDelay: true }, (client) => {
  const [host, port] = origins[turn++ % origins.length];
  const origin = connect({ host, port: Number(port), noDelay: true });
  client.on('data', (bytes) => origin.write(bytes));
  origin.on('data', (bytes) => client.write(bytes));
  for (const [one, other] of [
    [client, origin],
    [origin, client],
  ]) {
    one.on('close', () => other.destroy());
    one.on('error', () => other.destroy());
  }
}).listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 });
