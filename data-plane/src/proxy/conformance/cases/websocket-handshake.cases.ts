import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { accepting, webSocketAnswer, webSocketRequest } from '../web-socket-text.ts';
import { membersOf, valueOf, valuesOf } from '../wire-message.ts';
import { requestText } from '../wire-text.ts';

/** RFC 6455, 4. */
export const webSocketHandshakeCases: readonly ConformanceCase[] = [
  {
    id: 'websocket-handshake/passes',
    title: 'passes the handshake on both ways, its key and answer untouched',
    async run(stage) {
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send(webSocketAnswer());
      });
      const answer = await client.ask(webSocketRequest());
      const seen = await origin.request(0);
      expect(seen.startLine).toBe('GET /chat HTTP/1.1');
      expect(membersOf(seen, 'connection')).toContain('upgrade');
      expect(membersOf(seen, 'upgrade')).toEqual(['websocket']);
      expect(valueOf(seen, 'sec-websocket-key')).toBe('dGhlIHNhbXBsZSBub25jZQ==');
      expect(valueOf(seen, 'sec-websocket-version')).toBe('13');
      expect(answer.status).toBe(101);
      expect(membersOf(answer, 'connection')).toContain('upgrade');
      expect(membersOf(answer, 'upgrade')).toEqual(['websocket']);
      expect(valueOf(answer, 'sec-websocket-accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    },
  },
  {
    id: 'websocket-handshake/subprotocol',
    title: 'leaves subprotocols and extensions to the two ends',
    async run(stage) {
      const asked = [
        'Sec-WebSocket-Protocol: chat, superchat',
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
      ];
      const given = ['Sec-WebSocket-Protocol: superchat', 'Sec-WebSocket-Extensions: permessage-deflate'];
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send(webSocketAnswer(given));
      });
      const answer = await client.ask(webSocketRequest(asked));
      const lines = (message: typeof answer | Awaited<ReturnType<typeof origin.request>>): readonly string[] =>
        ['Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions'].map((name) => `${name}: ${valueOf(message, name)}`);
      expect([lines(await origin.request(0)), lines(answer)]).toEqual([asked, given]);
    },
  },
  {
    id: 'websocket-handshake/other-fields',
    title: 'treats the other fields of the handshake as those of any request',
    async run(stage) {
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send(webSocketAnswer(['Set-Cookie: a=1', 'Set-Cookie: b=2', 'Keep-Alive: timeout=7777']));
      });
      const answer = await client.ask(
        webSocketRequest([
          'Connection: X-Hop',
          'X-Hop: 1',
          'X-Forwarded-For: 6.6.6.6',
          'Cookie: c=1',
          'Origin: http://a.test',
        ]),
      );
      const seen = await origin.request(0);
      expect([valuesOf(seen, 'x-hop'), valuesOf(seen, 'x-forwarded-for')]).toEqual([[], ['127.0.0.1']]);
      expect([valueOf(seen, 'cookie'), valueOf(seen, 'origin')]).toEqual(['c=1', 'http://a.test']);
      expect(valuesOf(answer, 'set-cookie')).toEqual(['a=1', 'b=2']);
      expect(valuesOf(answer, 'keep-alive')).toEqual([]);
    },
  },
  {
    id: 'websocket-handshake/spelling',
    title: 'knows a handshake in any case and among other options',
    async run(stage) {
      const fields = [
        'connection: keep-alive, UPGRADE',
        'UPGRADE: WebSocket',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ];
      const { client } = await stage.serve(accepting);
      expect((await client.ask(requestText({ fields }))).status).toBe(101);
    },
  },
  {
    id: 'websocket-handshake/never-h2c',
    title: 'passes nothing but websocket on of several protocols',
    async run(stage) {
      const fields = [
        'Upgrade: h2c, websocket',
        'Connection: Upgrade, HTTP2-Settings',
        'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
      ];
      const { client, origin } = await stage.serve(answering());
      client.send(
        requestText({
          fields: [...fields, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'],
        }),
      );
      const seen = await origin.request(0);
      expect(membersOf(seen, 'upgrade').filter((protocol) => protocol !== 'websocket')).toEqual([]);
      expect(valuesOf(seen, 'http2-settings')).toEqual([]);
      expect((await client.response()).status).toBe(200);
    },
  },
  {
    id: 'websocket-handshake/101-with-length',
    title: 'passes no framing on in a 101, or refuses it',
    async run(stage) {
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.head();
        connection.send(webSocketAnswer(['Content-Length: 5']));
      });
      const answer = await client.ask(webSocketRequest());
      expect([101, 502]).toContain(answer.status);
      if (answer.status === 101) (await origin.connection(0)).send('bytes of the tunnel');
      if (answer.status === 101) expect((await client.take(19)).toString()).toBe('bytes of the tunnel');
    },
  },
  {
    id: 'websocket-handshake/other-server',
    title: 'sends a handshake to another server when the first refuses the connection',
    async run(stage) {
      const origin = await stage.origin(accepting);
      const forwarder = await stage.forward([await stage.refusingPort(), origin.port]);
      for (let round = 0; round < 4; round++) {
        expect((await (await stage.client(forwarder)).ask(webSocketRequest())).status).toBe(101);
      }
    },
  },
];
