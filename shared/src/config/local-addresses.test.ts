import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { localAddresses } from './local-addresses.ts';

it('localAddresses are where a listener on all interfaces can be reached', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const addresses = localAddresses().filter((address) => !address.startsWith('fe80:'));
  expect(addresses).toContain('127.0.0.1');
  for (const host of addresses) await once(connect({ host, port }).resume(), 'close');
  server.close();
});
