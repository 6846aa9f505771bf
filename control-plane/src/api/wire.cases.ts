import { connect } from 'node:net';
import { adminToken, type ApiFixture } from './api-fixture.cases.ts';

/** Sends bytes as they are and reads until the server closes, or until `enough` of the answer is there. */
export async function talk(api: ApiFixture, bytes: string, enough: RegExp = /$^/): Promise<string> {
  const socket = connect(api.address);
  let text = '';
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (enough.test(text)) resolve();
    });
  });
  socket.destroy();
  return text;
}

/** The head of a request of the admin. */
export function head(method: string, path: string, ...headers: readonly string[]): string {
  return [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${adminToken}`,
    ...headers,
    '',
    '',
  ].join('\r\n');
}
