import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const SUCCESS = /^HTTP\/1\.1 2\d\d /;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/** Sends requests, heads with their contents, over so many connections, each as soon as the one before it is answered. */
export async function sendAll(port: number, requests: readonly string[], connections: number): Promise<void> {
  const left = requests.values();
  const sockets = Array.from({ length: connections }, () => connect({ host: '127.0.0.1', port, noDelay: true }));
  try {
    await Promise.all(sockets.map((socket) => sendEach(socket, left)));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** Takes the next of those that are left, as the other connections do. */
async function sendEach(socket: Socket, left: Iterator<string, unknown>): Promise<void> {
  for (let next = left.next(); next.done !== true; next = left.next()) {
    socket.write(next.value);
    const answer = await readAnswer(socket);
    if (!SUCCESS.test(answer)) throw new Error(`answered ${answer.split('\r\n', 1)[0]}`);
  }
}

async function readAnswer(socket: Socket): Promise<string> {
  let text = '';
  while (!isWhole(text)) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    text += bytes.toString('latin1');
  }
  return text;
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  return end >= 0 && text.length - end - 4 >= Number(CONTENT_LENGTH.exec(text)?.[1] ?? 0);
}
