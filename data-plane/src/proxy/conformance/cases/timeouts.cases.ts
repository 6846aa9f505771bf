import type { ConformanceCase } from '../conformance-case.ts';
import { errorOf } from '../expect-own-answer.ts';
import { answering, silent } from '../origin-scripts.ts';
import { WireCut } from '../wire-end.ts';
import { requestText } from '../wire-text.ts';

const SHORT = '250ms';
const LONG = '60s';
const part = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart';
const upload = requestText({ method: 'POST', fields: ['Content-Length: 10'] });

/** For what must not run out under way, even on a busy machine. */
const SAFE_MS = 500;
/** Ten bytes at this pace take longer than that. */
const PACE_MS = 60;

export const timeoutCases: readonly ConformanceCase[] = [
  {
    id: 'timeouts/first-byte',
    title: 'answers 504 when no answer begins in time, and drops the connection to the server',
    async run(stage) {
      const { client, origin } = await stage.serve(silent, { backend: { timeouts: { firstByte: SHORT, idle: LONG } } });
      const answer = await client.ask(requestText());
      expect([answer.status, errorOf(answer)]).toEqual([504, 'first_byte_timeout']);
      await (await origin.connection(0)).closed();
    },
  },
  {
    id: 'timeouts/first-byte-post',
    title: 'does not send a POST again whose answer does not begin in time',
    async run(stage) {
      const origins = [await stage.origin(silent), await stage.origin(silent)];
      const options = { backend: { timeouts: { firstByte: SHORT, idle: LONG } } };
      const client = await stage.client(
        await stage.forward(
          origins.map((origin) => origin.port),
          options,
        ),
      );
      expect((await client.ask(requestText({ method: 'POST', body: 'hello' }))).status).toBe(504);
      expect(origins.flatMap((origin) => origin.requests)).toHaveLength(1);
    },
  },
  {
    id: 'timeouts/first-byte-after-upload',
    title: 'waits for the first byte from the end of the request on, not from its beginning',
    async run(stage) {
      const { client } = await stage.serve(answering(), {
        backend: { timeouts: { firstByte: `${SAFE_MS}ms`, idle: LONG } },
      });
      client.send(upload);
      await client.drip('0123456789', PACE_MS);
      expect((await client.response('POST')).status).toBe(200);
    },
  },
  {
    id: 'timeouts/half-head',
    title: 'answers 504 when a server stops inside the head of its answer',
    async run(stage) {
      const { client, origin } = await stage.serve(answering('HTTP/1.1 200 OK\r\nX-A'), {
        backend: { timeouts: { firstByte: SHORT, idle: SHORT } },
      });
      expect((await client.ask(requestText())).status).toBe(504);
      await (await origin.connection(0)).closed();
    },
  },
  {
    id: 'timeouts/idle-answer',
    title: 'cuts an answer that stops in the middle, and drops the connection to the server',
    async run(stage) {
      const { client, origin } = await stage.serve(answering(part), {
        backend: { timeouts: { firstByte: LONG, idle: SHORT } },
      });
      await expect(client.ask(requestText())).rejects.toThrow(WireCut);
      await (await origin.connection(0)).closed();
    },
  },
  {
    id: 'timeouts/slow-answer',
    title: 'lets an answer take longer than the limits as long as bytes come',
    async run(stage) {
      const limit = `${SAFE_MS}ms`;
      const options = {
        backend: { timeouts: { firstByte: limit, idle: limit } },
        limits: { keepAliveTimeoutMs: SAFE_MS },
      };
      const { client } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n');
        await connection.drip('0123456789ab', PACE_MS);
      }, options);
      expect((await client.ask(requestText())).body.toString()).toBe('0123456789ab');
    },
  },
  {
    id: 'timeouts/idle-request',
    title: 'does not wait for ever for the rest of a body, and drops the connection to the server',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(silent, {
        backend: { timeouts: { firstByte: LONG, idle: SHORT } },
      });
      client.send(`${upload}part`);
      const connection = await origin.connection(0);
      await connection.closed();
      await client.closed();
      if (client.unread !== '') expect([400, 408, 504]).toContain((await client.response('POST')).status);
      await stage.idle(forwarder);
      expect(origin.requests).toEqual([]);
    },
  },
];
