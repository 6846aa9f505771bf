import type { OriginScript } from './scripted-origin.ts';
import { answerText, requestText } from './wire-text.ts';

/** The handshake of RFC 6455, 1.2, with its own key and answer. */
export function webSocketRequest(fields: readonly string[] = [], target = '/chat'): string {
  return requestText({
    target,
    fields: [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      ...fields,
    ],
  });
}

export function webSocketAnswer(fields: readonly string[] = []): string {
  return answerText({
    status: '101 Switching Protocols',
    fields: [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      ...fields,
    ],
    body: undefined,
  });
}

/** Accepts the handshake; what follows is up to the case, which holds the connection. */
export const accepting: OriginScript = async (connection) => {
  await connection.head();
  connection.send(webSocketAnswer());
};
