import type { ConformanceCase } from '../conformance-case.ts';
import { errorOf } from '../expect-own-answer.ts';
import { answering, firstThen } from '../origin-scripts.ts';
import type { OriginScript } from '../scripted-origin.ts';
import type { Stage } from '../stage.ts';
import { unaccepting } from '../unaccepting-port.ts';
import { answerText, chunkedText, patternBytes, requestText } from '../wire-text.ts';

const ROUNDS = 4;
const GET = requestText({ target: '/x' });
const POST = requestText({ method: 'POST', target: '/x', body: 'hello' });
const PUT = requestText({ method: 'PUT', target: '/x', body: 'hello' });

/** Takes a request and closes without a word. */
const dropping: OriginScript = async (connection) => {
  await connection.request();
  connection.destroy();
};

/** Answers once; the second request on the connection is taken and the connection closed. */
const droppingSecond: OriginScript = async (connection) => {
  await connection.request();
  connection.send(answerText());
  await dropping(connection, 0);
};

/** Every request has to arrive whole, whichever of two servers it is sent to first; one of them refuses connections. */
const movesOn = (id: string, title: string, request: string, body: string): ConformanceCase => ({
  id: `retries/${id}`,
  title,
  async run(stage) {
    const origin = await stage.origin(answering());
    const forwarder = await stage.forward([await stage.refusingPort(), origin.port]);
    const client = await stage.client(forwarder);
    for (let round = 0; round < ROUNDS; round++) {
      expect((await client.ask(request)).status).toBe(200);
    }
    expect(origin.requests.map((seen) => seen.body.toString('latin1') === body)).toEqual(Array(ROUNDS).fill(true));
    await stage.idle(forwarder);
  },
});

/** One request over a connection to the server that was used before and dies now. */
async function overDyingConnection(stage: Stage, later: OriginScript, request: string) {
  const scene = await stage.serve(firstThen(droppingSecond, later));
  expect((await scene.client.ask(requestText())).status).toBe(200);
  return { ...scene, answer: await scene.client.ask(request) };
}

const large = patternBytes(1_048_576).toString('latin1');

export const retryCases: readonly ConformanceCase[] = [
  movesOn('refused-get', 'sends a request to another server when the first refuses the connection', GET, ''),
  movesOn('refused-post', 'does so with a POST, its body intact, as nothing was sent', POST, 'hello'),
  movesOn(
    'refused-chunked',
    'does so with a chunked body',
    requestText({ method: 'POST', fields: ['Transfer-Encoding: chunked'] }) + chunkedText(['hel', 'lo']),
    'hello',
  ),
  movesOn('refused-large', 'does so with a body of 1 MiB', requestText({ method: 'PUT', body: large }), large),
  {
    id: 'retries/refused-by-all',
    title: 'tries two servers and no more, and answers 502 when both refuse the connection',
    async run(stage) {
      const ports = [await stage.refusingPort(), await stage.refusingPort(), await stage.refusingPort()];
      const forwarder = await stage.forward(ports);
      for (const request of [GET, POST, GET]) {
        const answer = await (await stage.client(forwarder)).ask(request);
        expect([answer.status, errorOf(answer)]).toEqual([502, 'connect_failed']);
      }
      await stage.idle(forwarder);
      expect(forwarder.accessLines.map((line) => line.attempts)).toEqual([2, 2, 2]);
    },
  },
  {
    id: 'retries/alone',
    title: 'does not try the same server again',
    async run(stage) {
      const forwarder = await stage.forward([await stage.refusingPort()]);
      expect((await (await stage.client(forwarder)).ask(GET)).status).toBe(502);
      await stage.idle(forwarder);
      expect(forwarder.accessLines.map((line) => line.attempts)).toEqual([1]);
    },
  },
  {
    id: 'retries/connect-timeout',
    title: 'sends a request to another server when the first does not take the connection in time',
    async run(stage) {
      const { port, release } = await unaccepting();
      stage.defer(release);
      const origin = await stage.origin(answering());
      const forwarder = await stage.forward([port, origin.port], { backend: { timeouts: { connect: '200ms' } } });
      const client = await stage.client(forwarder);
      for (let round = 0; round < 2; round++) expect((await client.ask(POST)).status).toBe(200);
      expect(origin.requests.map((request) => request.body.toString())).toEqual(['hello', 'hello']);
    },
  },
  {
    id: 'retries/post-sent',
    title: 'never sends a POST twice',
    async run(stage) {
      const origins = [await stage.origin(dropping), await stage.origin(dropping)];
      const client = await stage.client(await stage.forward(origins.map((origin) => origin.port)));
      const answer = await client.ask(POST);
      expect([answer.status, errorOf(answer)]).toEqual([502, 'connection_lost']);
      expect(origins.flatMap((origin) => origin.requests)).toHaveLength(1);
    },
  },
  {
    id: 'retries/get-sent',
    title: 'sends a GET that got lost to another server at most, never to the same',
    async run(stage) {
      const origins = [await stage.origin(dropping), await stage.origin(dropping)];
      const client = await stage.client(await stage.forward(origins.map((origin) => origin.port)));
      expect((await client.ask(GET)).status).toBe(502);
      for (const origin of origins) expect(origin.requests.length).toBeLessThanOrEqual(1);
    },
  },
  {
    id: 'retries/answer-begun',
    title: 'never sends a GET twice whose answer has begun',
    async run(stage) {
      const script: OriginScript = async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart');
        connection.end();
      };
      const origins = [await stage.origin(script), await stage.origin(script)];
      const client = await stage.client(await stage.forward(origins.map((origin) => origin.port)));
      await expect(client.ask(GET)).rejects.toThrow();
      expect(origins.flatMap((origin) => origin.requests)).toHaveLength(1);
    },
  },
  {
    id: 'retries/reused-get',
    title: 'replaces a used connection that dies under a GET by a fresh one, once',
    async run(stage) {
      const { answer, origin } = await overDyingConnection(stage, answering(answerText({ body: 'again' })), GET);
      expect([answer.status, answer.body.toString(), origin.connections.length]).toEqual([200, 'again', 2]);
    },
  },
  {
    id: 'retries/reused-put',
    title: 'replaces a used connection that dies under a PUT by a fresh one, the body intact',
    async run(stage) {
      const { answer, origin } = await overDyingConnection(stage, answering(), PUT);
      expect([answer.status, origin.connections.length]).toEqual([200, 2]);
      expect(origin.requests.at(-1)?.body.toString()).toBe('hello');
    },
  },
  {
    id: 'retries/reused-post',
    title: 'does not replace a used connection that dies under a POST',
    async run(stage) {
      const { answer, origin } = await overDyingConnection(stage, answering(), POST);
      expect([answer.status, errorOf(answer)]).toEqual([502, 'connection_lost']);
      expect(origin.requests.filter((request) => request.method === 'POST')).toHaveLength(1);
    },
  },
  {
    id: 'retries/reused-once',
    title: 'gives up when the fresh connection dies as well',
    async run(stage) {
      const { answer, origin } = await overDyingConnection(stage, dropping, GET);
      expect([answer.status, origin.connections.length]).toEqual([502, 2]);
    },
  },
  {
    id: 'retries/idle-closed',
    title: 'does not use a connection again that the server closed while it was idle, not even for a POST',
    async run(stage) {
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send(answerText());
        connection.end();
      });
      expect((await client.ask(GET)).status).toBe(200);
      await (await origin.connection(0)).closed();
      expect((await client.ask(POST)).status).toBe(200);
      expect(origin.connections).toHaveLength(2);
    },
  },
];
