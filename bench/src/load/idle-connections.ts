import { connect, type Socket } from 'node:net';

const AT_ONCE = 64;

/** Opens connections, each of which asks once and is then kept idle. The function that closes them. */
export async function openIdle(port: number, count: number): Promise<() => void> {
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += AT_ONCE) {
    const some = Math.min(AT_ONCE, count - opened);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => askOnce(port)))));
  }
  return () => sockets.forEach((socket) => socket.destroy());
}

function askOnce(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let received = 0;
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('a connection was closed that should be kept')));
    socket.write('GET /k HTTP/1.1\r\nHost: a.example.com\r\n\r\n');
    socket.on('data', (bytes) => {
      received += bytes.length;
      // A head and 1 KiB.
      if (received > 1_024 + 64 && bytes.at(-1) === 'x'.charCodeAt(0)) resolve(socket);
    });
  });
}
