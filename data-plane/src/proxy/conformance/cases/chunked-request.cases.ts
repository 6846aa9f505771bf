import type { ConformanceCase } from '../conformance-case.ts';
import { answering, echoing } from '../origin-scripts.ts';
import { refusedBody } from '../refusal.ts';
import { relay } from '../relay.ts';
import { valueOf, valuesOf } from '../wire-message.ts';
import { chunkedText, requestText } from '../wire-text.ts';

const head = requestText({ method: 'POST', fields: ['Transfer-Encoding: chunked'] });
const bad = (id: string, what: string, body: string): ConformanceCase =>
  refusedBody({ id: `chunked-request/${id}`, what, send: head + body });

/** RFC 9112, 7.1. */
const refused: readonly ConformanceCase[] = [
  bad('size-no-hex', 'a chunk size that is not hexadecimal', 'zz\r\nhello\r\n0\r\n\r\n'),
  bad('size-empty', 'an empty chunk size', '\r\nhello\r\n0\r\n\r\n'),
  bad('size-minus', 'a negative chunk size', '-5\r\nhello\r\n0\r\n\r\n'),
  bad('size-plus', 'a chunk size with a plus sign', '+5\r\nhello\r\n0\r\n\r\n'),
  bad('size-prefix', 'a chunk size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'),
  bad('size-underscore', 'a chunk size with an underscore', '0_5\r\nhello\r\n0\r\n\r\n'),
  bad('size-leading-space', 'a space before a chunk size', ' 5\r\nhello\r\n0\r\n\r\n'),
  bad('size-trailing-space', 'a space after a chunk size', '5 \r\nhello\r\n0\r\n\r\n'),
  bad('size-overflow', 'a chunk size beyond 64 bits', '10000000000000005\r\nhello\r\n0\r\n\r\n'),
  bad('size-bare-lf', 'a chunk size that ends with LF alone', '5\nhello\r\n0\r\n\r\n'),
  bad('size-bare-cr', 'a chunk size that ends with CR alone', '5\rhello\r\n0\r\n\r\n'),
  bad('no-crlf-after-data', 'a chunk without CRLF at its end', '5\r\nhello0\r\n\r\n'),
  bad('data-beyond-size', 'a chunk longer than its size', '3\r\nhello\r\n0\r\n\r\n'),
  bad('data-ends-with-lf', 'a chunk that ends with LF alone', '5\r\nhello\n0\r\n\r\n'),
  bad('extension-bare-semicolon', 'an empty chunk extension', '5;\r\nhello\r\n0\r\n\r\n'),
  bad('extension-control', 'a control character in a chunk extension', '5;a\x01b\r\nhello\r\n0\r\n\r\n'),
  bad('extension-bare-cr', 'CR in a chunk extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'),
  bad('extension-bare-lf', 'LF in a chunk extension', '5;a\nb\r\nhello\r\n0\r\n\r\n'),
  bad('last-bare-lf', 'a last chunk that ends with LF alone', '5\r\nhello\r\n0\n\r\n'),
  bad('trailer-no-colon', 'a trailer without colon', '5\r\nhello\r\n0\r\nTrailer\r\n\r\n'),
  bad('trailer-space-before-colon', 'a trailer with a space before its colon', '5\r\nhello\r\n0\r\nX-T : 1\r\n\r\n'),
  bad('trailer-folded', 'a folded trailer', '5\r\nhello\r\n0\r\nX-T: 1\r\n 2\r\n\r\n'),
  bad('trailer-nul', 'NUL in a trailer', '5\r\nhello\r\n0\r\nX-T: \0\r\n\r\n'),
  bad('trailer-length', 'Content-Length as a trailer', '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n'),
  bad('trailer-coding', 'Transfer-Encoding as a trailer', '5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'),
];

const body = (id: string, title: string, text: string): ConformanceCase => ({
  id: `chunked-request/${id}`,
  title,
  async run(stage) {
    const scene = await stage.serve(echoing);
    const { seen, answer } = await relay(scene, head + text);
    expect(seen.body.toString()).toBe('hello, world');
    expect(answer.body.toString()).toBe('hello, world');
    expect(valueOf(await scene.client.ask(requestText({ body: 'next' })), 'content-length')).toBe('4');
  },
});

/** The same without a client that closes when it is told to. */
const closes: ConformanceCase = {
  id: 'chunked-request/refused-client-stays',
  title: 'closes by itself after it has refused a body, even when the client does not',
  async run(stage) {
    const { client } = await stage.serve(answering());
    client.halfOpen = true;
    client.send(`${head}zz\r\nhello\r\n0\r\n\r\n`);
    expect((await client.response('POST')).status).toBe(400);
    await client.closed();
  },
};

const forwarded: readonly ConformanceCase[] = [
  body('one', 'forwards a body in one chunk', chunkedText(['hello, world'])),
  body('many', 'forwards a body in many chunks', chunkedText([...'hello, world'])),
  body('upper-case', 'reads upper-case sizes', 'C\r\nhello, world\r\n0\r\n\r\n'),
  body('leading-zeros', 'reads sizes with leading zeros', '000c\r\nhello, world\r\n000\r\n\r\n'),
  body('extension', 'drops or forwards valid chunk extensions', 'c;a=b;c="d"\r\nhello, world\r\n0;e\r\n\r\n'),
  {
    id: 'chunked-request/byte-by-byte',
    title: 'reads chunks that come byte by byte',
    async run(stage) {
      const { client } = await stage.serve(echoing);
      await client.sendPieces(head + chunkedText(['hello', ', world'], ['X-T: 1']));
      expect((await client.response()).body.toString()).toBe('hello, world');
    },
  },
  {
    id: 'chunked-request/coding-in-other-case',
    title: 'knows the coding in any case',
    async run(stage) {
      const text = requestText({ method: 'POST', fields: ['transfer-encoding: Chunked'] }) + chunkedText(['hello']);
      expect((await relay(await stage.serve(echoing), text)).seen.body.toString()).toBe('hello');
    },
  },
  {
    id: 'chunked-request/streamed',
    title: 'forwards a chunk before the next one comes',
    async run(stage) {
      const { client, origin } = await stage.serve(async (connection) => void (await connection.head()));
      client.send(`${head}5\r\nfirst\r\n`);
      const connection = await origin.connection(0);
      await connection.until(() => connection.received.text().includes('first'), 'the first chunk');
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      client.send('6\r\nsecond\r\n0\r\n\r\n');
      expect((await client.response()).status).toBe(200);
    },
  },
  {
    id: 'chunked-request/trailers',
    title: 'relays the trailers of a request as trailers',
    async run(stage) {
      const fields = ['Transfer-Encoding: chunked', 'Trailer: X-Sum'];
      const text = requestText({ method: 'POST', fields }) + chunkedText(['hello'], ['X-Sum: 42', 'X-Sum: 43']);
      const { seen } = await relay(await stage.serve(answering()), text);
      expect(seen.trailers.filter(([name]) => name.toLowerCase() === 'x-sum').map(([, value]) => value)).toEqual([
        '42',
        '43',
      ]);
      expect(valuesOf(seen, 'x-sum')).toEqual([]);
    },
  },
  {
    id: 'chunked-request/trailers-not-merged',
    title: 'never lets a trailer become a field of the request',
    async run(stage) {
      const trailers = ['Host: evil.test', 'X-Forwarded-For: 1.2.3.4', 'Authorization: evil'];
      const { client, origin } = await stage.serve(answering());
      const answer = await client.ask(head + chunkedText(['hello'], trailers));
      if (answer.status === 400) return;
      const seen = origin.requests[0]!;
      expect(valuesOf(seen, 'host')).toEqual(['a.test']);
      expect([...valuesOf(seen, 'x-forwarded-for'), ...valuesOf(seen, 'authorization')]).not.toContain('evil');
      expect(valuesOf(seen, 'x-forwarded-for').join()).not.toContain('1.2.3.4');
    },
  },
];

export const chunkedRequestCases = [...refused, closes, ...forwarded];
