import type { ConformanceCase } from '../conformance-case.ts';
import { answering, answeringInTurn } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import type { OriginScript } from '../scripted-origin.ts';
import { valueOf, valuesOf } from '../wire-message.ts';
import { answerText, chunkedText, patternBytes, requestText } from '../wire-text.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n';

/** An answer in one of its framings; the client gets the body whole. */
const whole = (id: string, title: string, script: OriginScript): ConformanceCase => ({
  id: `answers/${id}`,
  title,
  async run(stage) {
    const { client, origin } = await stage.serve(script);
    const answer = await client.ask(requestText());
    expect([answer.status, answer.body.toString()]).toEqual([200, 'hello, world']);
    expect((await client.ask(requestText())).body.toString()).toBe('hello, world');
    expect(origin.requests).toHaveLength(2);
  },
});

const dripping: OriginScript = async (connection) => {
  for (;;) {
    await connection.request();
    await connection.sendPieces(answerText({ fields: ['X-A: 1'], body: 'hello, world' }));
  }
};

export const answerCases: readonly ConformanceCase[] = [
  whole('length', 'passes an answer with its length on', answering(answerText({ body: 'hello, world' }))),
  whole('chunked', 'passes a chunked answer on', answering(`${CHUNKED}\r\n${chunkedText(['hello', ', ', 'world'])}`)),
  whole(
    'chunk-extension',
    'reads chunk extensions and upper-case sizes of a server',
    answering(`${CHUNKED}\r\nC;a=b\r\nhello, world\r\n000\r\n\r\n`),
  ),
  whole(
    'close-delimited',
    'passes an answer that ends with the connection on',
    answeringInTurn('HTTP/1.1 200 OK\r\n\r\nhello, world'),
  ),
  whole(
    'http10-server',
    'understands a server that speaks HTTP/1.0',
    answeringInTurn('HTTP/1.0 200 OK\r\n\r\nhello, world'),
  ),
  whole('byte-by-byte', 'reads an answer that comes byte by byte', dripping),
  {
    id: 'answers/streamed',
    title: 'passes the beginning of an answer on before its end comes',
    async run(stage) {
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send(`${CHUNKED}\r\n5\r\nfirst\r\n`);
      });
      client.send(requestText());
      await client.head();
      await client.until(() => client.received.text().includes('first'), 'the first chunk');
      (await origin.connection(0)).send('6\r\nsecond\r\n0\r\n\r\n');
      await client.until(() => client.received.text().endsWith('0\r\n\r\n'), 'the end');
    },
  },
  {
    id: 'answers/trailers',
    title: 'relays the trailers of an answer as trailers, never merged',
    async run(stage) {
      const trailers = ['X-Sum: 42', 'X-Sum: 43', 'x-other: a'];
      const answer = `${CHUNKED}Trailer: X-Sum, X-Other\r\n\r\n${chunkedText(['hello'], trailers)}`;
      const seen = (await relay(await stage.serve(answering(answer)), requestText({ fields: ['TE: trailers'] })))
        .answer;
      expect(seen.trailers.map(([name, value]) => `${name}: ${value}`)).toEqual(trailers);
      expect([...valuesOf(seen, 'x-sum'), ...valuesOf(seen, 'x-other')]).toEqual([]);
    },
  },
  {
    id: 'answers/trailers-forbidden',
    title: 'lets no trailer of a server become a field of the answer, though it may take the answer for broken',
    async run(stage) {
      const answer = `${CHUNKED}\r\n${chunkedText(['hello'], ['Content-Length: 99', 'Transfer-Encoding: gzip'])}`;
      const { client, forwarder } = await stage.serve(
        answering((request) => (request.target === '/next' ? answerText() : answer)),
      );
      client.send(requestText());
      const head = await client.head().catch(() => undefined);
      if (head !== undefined) expect([head.status, ...valuesOf(head, 'content-length')]).toEqual([expect.any(Number)]);
      expect((await (await stage.client(forwarder)).ask(requestText({ target: '/next' }))).body.toString()).toBe('ok');
    },
  },
  {
    id: 'answers/reason-phrase',
    title: 'understands an empty reason phrase and unknown statuses',
    async run(stage) {
      const { client } = await stage.serve(
        answering((request) => answerText({ status: request.target === '/a' ? '299 ' : '599 What is this' })),
      );
      expect((await client.ask(requestText({ target: '/a' }))).status).toBe(299);
      expect((await client.ask(requestText({ target: '/b' }))).status).toBe(599);
    },
  },
  {
    id: 'answers/date-kept',
    title: "keeps a server's Date and Server",
    async run(stage) {
      const date = 'Tue, 15 Nov 1994 08:12:31 GMT';
      const fields = [`Date: ${date}`, 'Server: origin/1'];
      const { answer } = await relay(await stage.serve(answering(answerText({ fields }))), requestText());
      expect([valueOf(answer, 'date'), valueOf(answer, 'server')]).toEqual([date, 'origin/1']);
    },
  },
  {
    id: 'answers/date-added',
    title: 'adds Date where a server sent none (RFC 9110, 6.6.1)',
    async run(stage) {
      const { answer } = await relay(await stage.serve(answering()), requestText());
      expect(Math.abs(Date.parse(valueOf(answer, 'date') ?? '') - Date.now())).toBeLessThan(60_000);
    },
  },
  {
    id: 'answers/binary',
    title: 'passes every byte on unchanged, both ways',
    async run(stage) {
      const bytes = patternBytes(200_003).toString('latin1');
      const scene = await stage.serve(answering((request) => answerText({ body: request.body.toString('latin1') })));
      const { seen, answer } = await relay(scene, requestText({ method: 'POST', body: bytes }));
      expect(seen.body.toString('latin1') === bytes).toBe(true);
      expect(answer.body.toString('latin1') === bytes).toBe(true);
    },
  },
  {
    id: 'answers/early',
    title: 'gives the client an answer that comes before its body is sent',
    async run(stage) {
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.head();
        connection.send(answerText({ status: '403 Forbidden', body: 'early' }));
      });
      client.send(`${requestText({ method: 'POST', fields: ['Content-Length: 100000'] })}part`);
      const answer = await client.response('POST');
      expect([answer.status, answer.body.toString()]).toEqual([403, 'early']);
      expect(origin.connections).toHaveLength(1);
    },
  },
  {
    id: 'answers/early-and-others',
    title: 'sends nothing of others over a connection on which the rest of a body is due',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(async (connection) => {
        const head = await connection.head();
        connection.send(answerText({ body: head.target }));
      });
      client.send(`${requestText({ method: 'POST', target: '/upload', fields: ['Content-Length: 100000'] })}part`);
      expect((await client.response('POST')).body.toString()).toBe('/upload');
      expect((await (await stage.client(forwarder)).ask(requestText({ target: '/b' }))).body.toString()).toBe('/b');
      expect(origin.connections[0]!.received.text()).not.toContain('/b');
    },
  },
  {
    id: 'answers/early-then-next',
    title: 'never takes the rest of a body that was answered early for a request',
    async run(stage) {
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.head();
        connection.send(answerText({ status: '403 Forbidden', fields: ['Connection: close'], body: 'early' }));
        connection.end();
      });
      const inner = requestText({ target: '/smuggled' });
      client.send(requestText({ method: 'POST', fields: [`Content-Length: ${inner.length}`] }));
      expect((await client.response('POST')).status).toBe(403);
      client.send(inner);
      client.end();
      await client.closed();
      expect(origin.received).not.toContain('GET /smuggled');
    },
  },
];
