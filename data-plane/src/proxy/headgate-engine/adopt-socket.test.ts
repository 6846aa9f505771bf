import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { adoptSocket } from './adopt-socket.ts';

describe('an adopted socket', () => {
  it('is the accepted connection, and reads into the given buffer', async () => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [accepted] = (await once(server, 'connection')) as [Socket];
    const buffer = Buffer.alloc(16);
    const text = await new Promise<string>((resolve) => {
      const callback = (length: number): boolean => {
        resolve(buffer.toString('latin1', 0, length));
        return true;
      };
      const socket = adoptSocket(accepted, { buffer, callback })!;
      expect(socket.remotePort).toBe(client.localPort);
      socket.end('bye');
      client.write('hello');
    });
    expect(text).toBe('hello');
    expect(String((await once(client, 'data'))[0])).toBe('bye');
    client.destroy();
    await new Promise((resolve) => server.close(resolve)); // it counts no connection any more
  });

  it('is none where there is no connection to take', () => {
    expect(adoptSocket(new Socket(), { buffer: Buffer.alloc(1), callback: () => true })).toBeUndefined();
  });
});
