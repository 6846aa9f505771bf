import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { answerText, requestText } from '../wire-text.ts';

const LONG = '60s';
/** More than the buffers of the system take. */
const MUCH_BYTES = 48 * 1_048_576;
const upload = requestText({ method: 'POST', fields: ['Content-Length: 10'] });

/** For what must not run out under way, even on a busy machine. */
const SAFE_MS = 500;
/** Ten bytes at this pace take longer than that. */
const PACE_MS = 60;

export const clientTimeoutCases: readonly ConformanceCase[] = [
  {
    id: 'client-timeouts/client-does-not-read',
    title: 'does not keep a server busy for a client that takes nothing of its answer',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(
        async (connection) => {
          await connection.request();
          connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${MUCH_BYTES}\r\n\r\n`);
          await connection.pour(Buffer.alloc(MUCH_BYTES));
        },
        { backend: { timeouts: { firstByte: LONG, idle: '400ms' } } },
      );
      client.pause();
      client.send(requestText());
      await (await origin.connection(0)).closed();
      await stage.idle(forwarder);
    },
  },
  {
    id: 'client-timeouts/head-stops',
    title: 'answers 408 to a head that does not end in time, and forwards nothing',
    async run(stage) {
      const { client, origin } = await stage.serve(answering(), { limits: { headerTimeoutMs: 250 } });
      client.send('GET / HTTP/1.1\r\nHost: a.test\r\nX-A');
      expect((await client.response()).status).toBe(408);
      await client.closed();
      expect(origin.received).toBe('');
    },
  },
  {
    id: 'client-timeouts/head-drips',
    title: 'answers 408 to a head that comes too slowly, however steadily',
    async run(stage) {
      const { client, origin } = await stage.serve(answering(), { limits: { headerTimeoutMs: 250 } });
      client.send('GET / HTTP/1.1\r\nHost: a.test\r\nX-A: ');
      const dripping = client.drip('x'.repeat(1_000), PACE_MS);
      expect((await client.response()).status).toBe(408);
      await client.closed();
      await dripping;
      expect(origin.received).toBe('');
    },
  },
  {
    id: 'client-timeouts/second-head',
    title: 'holds the second head on a connection to the same time',
    async run(stage) {
      const { client } = await stage.serve(answering(), { limits: { headerTimeoutMs: SAFE_MS } });
      expect((await client.ask(requestText())).status).toBe(200);
      client.send('GET / HTTP/1.1\r\n');
      expect((await client.response()).status).toBe(408);
      await client.closed();
    },
  },
  {
    id: 'client-timeouts/nothing-sent',
    title: 'closes a connection on which no request comes',
    async run(stage) {
      const { client } = await stage.serve(answering(), { limits: { headerTimeoutMs: 250, keepAliveTimeoutMs: 250 } });
      await client.closed();
    },
  },
  {
    id: 'client-timeouts/head-time-is-not-body-time',
    title: 'does not hold bodies to the time of heads',
    async run(stage) {
      const limits = { headerTimeoutMs: SAFE_MS, keepAliveTimeoutMs: SAFE_MS };
      const { client } = await stage.serve(answering(), { limits });
      client.send(upload);
      await client.drip('0123456789', PACE_MS);
      expect((await client.response('POST')).status).toBe(200);
    },
  },
  {
    id: 'client-timeouts/keep-alive',
    title: 'closes an idle connection without a word',
    async run(stage) {
      const { client } = await stage.serve(answering(), { limits: { keepAliveTimeoutMs: SAFE_MS } });
      expect((await client.ask(requestText())).status).toBe(200);
      expect(await client.closed()).toBe('end');
      expect(client.unread).toBe('');
    },
  },
  {
    id: 'client-timeouts/keep-alive-is-not-answer-time',
    title: 'does not take a connection that waits for an answer for idle',
    async run(stage) {
      const { client } = await stage.serve(
        async (connection) => {
          await connection.request();
          await connection.drip(answerText({ body: 'late' }).slice(0, 12), PACE_MS);
          connection.send(answerText({ body: 'late' }).slice(12));
        },
        { limits: { keepAliveTimeoutMs: SAFE_MS, headerTimeoutMs: SAFE_MS } },
      );
      expect((await client.ask(requestText())).body.toString()).toBe('late');
    },
  },
];
