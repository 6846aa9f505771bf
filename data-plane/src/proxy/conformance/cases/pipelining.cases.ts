import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import type { OriginScript } from '../scripted-origin.ts';
import type { RawClient } from '../raw-client.ts';
import { answerText, chunkedText, requestText } from '../wire-text.ts';

const LATE_MS = 100;
const get = (target: string, fields: readonly string[] = []): string => requestText({ target, fields });
/** Answers by method, target and body of the request. */
const telling: OriginScript = answering((request) =>
  answerText({ body: `${request.method} ${request.target} ${request.body.toString()}` }),
);

async function bodies(client: RawClient, count: number): Promise<readonly string[]> {
  const all: string[] = [];
  for (let index = 0; index < count; index++) all.push((await client.response()).body.toString());
  return all;
}

/** RFC 9112, 9.3.2. */
export const pipeliningCases: readonly ConformanceCase[] = [
  {
    id: 'pipelining/in-order',
    title: 'answers in the order of the requests, even when the first answer comes last',
    async run(stage) {
      const { client } = await stage.serve(async (connection) => {
        for (;;) {
          const { target } = await connection.request();
          // A forwarder may have the others answered meanwhile, and keep what came.
          if (target === '/1') await new Promise((resolve) => setTimeout(resolve, LATE_MS));
          connection.send(answerText({ body: target }));
        }
      });
      client.send(get('/1') + get('/2') + get('/3'));
      expect(await bodies(client, 3)).toEqual(['/1', '/2', '/3']);
    },
  },
  {
    id: 'pipelining/many',
    title: 'answers 100 requests that come at once',
    async run(stage) {
      const { client } = await stage.serve(telling);
      const targets = Array.from({ length: 100 }, (_, index) => `/${index}`);
      client.send(targets.map((target) => get(target)).join(''));
      expect(await bodies(client, 100)).toEqual(targets.map((target) => `GET ${target} `));
    },
  },
  {
    id: 'pipelining/bodies',
    title: 'finds the next request behind bodies in either framing',
    async run(stage) {
      const { client } = await stage.serve(telling);
      const chunked = requestText({ method: 'POST', target: '/2', fields: ['Transfer-Encoding: chunked'] });
      client.send(
        requestText({ method: 'POST', target: '/1', body: 'one' }) +
          chunked +
          chunkedText(['t', 'wo'], ['X-T: 1']) +
          get('/3'),
      );
      expect(await bodies(client, 3)).toEqual(['POST /1 one', 'POST /2 two', 'GET /3 ']);
    },
  },
  {
    id: 'pipelining/cut-anywhere',
    title: 'reads two requests wherever the pieces of them are cut',
    async run(stage) {
      const { client } = await stage.serve(telling);
      const text = requestText({ method: 'POST', target: '/1', body: 'one' }) + get('/2');
      for (let at = 1; at < text.length; at += 7) {
        await client.sendPieces([text.slice(0, at), text.slice(at)]);
        expect(await bodies(client, 2)).toEqual(['POST /1 one', 'GET /2 ']);
      }
    },
  },
  {
    id: 'pipelining/own-answers',
    title: 'keeps the order among answers of servers and its own',
    async run(stage) {
      const { client } = await stage.serve(telling);
      client.send(get('/1') + requestText({ host: 'other.test' }) + get('/2'));
      const statuses = [await client.response(), await client.response(), await client.response()].map(
        (answer) => answer.status,
      );
      expect(statuses).toEqual([200, 404, 200]);
    },
  },
  {
    id: 'pipelining/head-first',
    title: 'sends no body between the answer to HEAD and the next one',
    async run(stage) {
      const { client } = await stage.serve(
        answering((request) =>
          request.method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n' : answerText(),
        ),
      );
      client.send(requestText({ method: 'HEAD' }) + get('/2'));
      expect((await client.response('HEAD')).status).toBe(200);
      expect((await client.response()).body.toString()).toBe('ok');
    },
  },
  {
    id: 'pipelining/after-close',
    title: 'serves nothing that comes after a request with Connection: close (RFC 9112, 9.6)',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(telling);
      client.send(get('/1', ['Connection: close']) + get('/2'));
      expect(await bodies(client, 1)).toEqual(['GET /1 ']);
      await client.closed();
      await stage.idle(forwarder);
      expect(client.unread).toBe('');
      expect(origin.received).not.toContain('GET /2');
    },
  },
  {
    id: 'pipelining/invalid-second',
    title: 'answers what is valid before it refuses what is not',
    async run(stage) {
      const { client, origin } = await stage.serve(telling);
      client.send(`${get('/1')}GET /2 HTTP/1.1\r\nHost : a.test\r\n\r\n${get('/3')}`);
      expect(await bodies(client, 1)).toEqual(['GET /1 ']);
      expect((await client.response()).status).toBe(400);
      await client.closed();
      expect(origin.requests.map((request) => request.target)).toEqual(['/1']);
    },
  },
  {
    id: 'pipelining/client-leaves',
    title: 'lets everything go when the client leaves before the first answer',
    async run(stage) {
      const { client, forwarder } = await stage.serve(async (connection) => void (await connection.request()));
      client.send(get('/1') + get('/2') + get('/3'));
      await stage.eventually(() => forwarder.inFlight > 0, 'the first request to be under way');
      client.reset();
      await stage.idle(forwarder);
    },
  },
];
