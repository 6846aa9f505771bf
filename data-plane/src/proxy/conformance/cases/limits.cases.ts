import type { ConformanceCase } from '../conformance-case.ts';
import { errorOf } from '../expect-own-answer.ts';
import { answering } from '../origin-scripts.ts';
import { refusedBody, refusedHead } from '../refusal.ts';
import { relay } from '../relay.ts';
import type { ServeOptions } from '../stage.ts';
import { answerText, chunkedText, requestText } from '../wire-text.ts';

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `X-${index}: ${index}`);
const chunkedPost = requestText({ method: 'POST', fields: ['Transfer-Encoding: chunked'] });

const passes = (id: string, title: string, request: string, options: ServeOptions = {}): ConformanceCase => ({
  id: `limits/${id}`,
  title,
  async run(stage) {
    expect((await relay(await stage.serve(answering(), options), request)).answer.status).toBe(200);
  },
});

const heads: readonly ConformanceCase[] = [
  passes(
    'request-line-below',
    'takes a request line of just under 8 KiB',
    requestText({ target: `/${'a'.repeat(8_100)}` }),
  ),
  refusedHead({
    id: 'limits/request-line',
    what: 'a request line beyond 8 KiB',
    send: requestText({ target: `/${'a'.repeat(8_300)}` }),
    statuses: [414],
  }),
  refusedHead({
    id: 'limits/request-line-beyond-head',
    what: 'a request line beyond the limit of the whole head',
    send: requestText({ target: `/${'a'.repeat(40_000)}` }),
    statuses: [414, 431],
  }),
  passes('fields-at', 'takes 100 fields', requestText({ fields: names(99) })),
  refusedHead({ id: 'limits/fields', what: '101 fields', send: requestText({ fields: names(100) }), statuses: [431] }),
  refusedHead({
    id: 'limits/fields-many',
    what: '1,200 fields',
    send: requestText({ fields: names(1_200) }),
    statuses: [431],
  }),
  passes('head-below', 'takes a head of just under 16 KiB', requestText({ fields: [`X-A: ${'v'.repeat(15_800)}`] })),
  refusedHead({
    id: 'limits/head-one-field',
    what: 'a field beyond 16 KiB',
    send: requestText({ fields: [`X-A: ${'v'.repeat(17_000)}`] }),
    statuses: [431],
  }),
  refusedHead({
    id: 'limits/head-many-fields',
    what: 'fields that come to more than 16 KiB',
    send: requestText({ fields: names(90).map((line) => line + 'v'.repeat(200)) }),
    statuses: [431],
  }),
  refusedHead({
    id: 'limits/name',
    what: 'a name beyond 16 KiB',
    send: requestText({ fields: [`X-${'n'.repeat(17_000)}: 1`] }),
    statuses: [431],
  }),
  refusedBody({
    id: 'limits/trailers',
    what: 'trailers beyond 16 KiB',
    send:
      chunkedPost +
      chunkedText(
        ['hello'],
        names(90).map((line) => line + 'v'.repeat(400)),
      ),
    statuses: [400, 413, 431],
  }),
  refusedBody({
    id: 'limits/chunk-extension',
    what: 'a chunk extension of 64 KiB',
    send: `${chunkedPost}5;a=${'x'.repeat(65_536)}\r\nhello\r\n0\r\n\r\n`,
    statuses: [400, 413, 431],
  }),
  {
    id: 'limits/endless-head',
    title: 'stops reading a head that never ends',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      client.send('GET / HTTP/1.1\r\nHost: a.test\r\nX-A: ');
      const sending = client.pour(Buffer.alloc(64 * 1_048_576, 'v'));
      await client.closed();
      client.destroy();
      await sending;
      expect(client.accepted).toBeLessThan(32 * 1_048_576);
      expect(origin.received).toBe('');
    },
  },
  {
    id: 'limits/settable',
    title: 'holds heads to the limits that it is told',
    async run(stage) {
      const limits = { requestLineBytes: 64, headerFields: 3, headerBytes: 512 };
      const { forwarder } = await stage.serve(answering(), { limits });
      const status = async (request: string): Promise<number> =>
        (await (await stage.client(forwarder)).ask(request)).status;
      expect(await status(requestText({ fields: names(2) }))).toBe(200);
      expect(await status(requestText({ fields: names(3) }))).toBe(431);
      expect(await status(requestText({ target: `/${'a'.repeat(64)}` }))).toBe(414);
      expect(await status(requestText({ fields: [`X-A: ${'v'.repeat(512)}`] }))).toBe(431);
    },
  },
];

const limited: ServeOptions = { backend: { limits: { requestBodyBytes: 10 } } };

const bodies: readonly ConformanceCase[] = [
  passes('body-at', 'takes a body of exactly the limit', requestText({ method: 'POST', body: '0123456789' }), limited),
  passes(
    'body-chunked-at',
    'takes a chunked body of exactly the limit',
    chunkedPost + chunkedText(['01234', '56789']),
    limited,
  ),
  {
    id: 'limits/body-length',
    title: 'answers 413 to a length beyond the limit, without asking a server',
    async run(stage) {
      const { client, origin } = await stage.serve(answering(), limited);
      const answer = await client.ask(requestText({ method: 'POST', body: '0123456789a' }));
      expect([answer.status, errorOf(answer), origin.received]).toEqual([413, 'request_too_large', '']);
    },
  },
  {
    id: 'limits/body-chunked',
    title: 'answers 413 to a chunked body beyond the limit, and completes no request to a server',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(answering(), limited);
      client.send(chunkedPost + chunkedText(['01234', '56789', 'a']));
      const answer = await client.response('POST');
      expect([answer.status, errorOf(answer)]).toEqual([413, 'request_too_large']);
      await stage.idle(forwarder);
      expect(origin.requests).toEqual([]);
    },
  },
  {
    id: 'limits/body-expect',
    title: 'answers 413 to a client that waits for 100, without asking for the body',
    async run(stage) {
      const { client, origin } = await stage.serve(answering(), limited);
      client.send(requestText({ method: 'POST', fields: ['Expect: 100-continue', 'Content-Length: 11'] }));
      const answer = await client.response('POST');
      expect([answer.interim.length, answer.status, origin.received]).toEqual([0, 413, '']);
    },
  },
  {
    id: 'limits/body-under-way',
    title: 'gets 413 through to a client that is sending 1 MiB',
    async run(stage) {
      const { client } = await stage.serve(answering(), limited);
      client.send(requestText({ method: 'POST', fields: ['Content-Length: 1048576'] }));
      await client.pour(Buffer.alloc(1_048_576, 'x'));
      expect((await client.response('POST')).status).toBe(413);
    },
  },
];

const others: readonly ConformanceCase[] = [
  {
    id: 'limits/answer-fields',
    title: 'passes an answer with 500 fields on, all of them',
    async run(stage) {
      const { answer } = await relay(await stage.serve(answering(answerText({ fields: names(500) }))), requestText());
      expect(answer.fields.filter(([name]) => /^X-\d+$/.test(name))).toHaveLength(500);
    },
  },
  {
    id: 'limits/client-connections',
    title: 'serves no more connections than it is told, and the next one when one has gone',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering(), { limits: { clientConnections: 2 } });
      const second = await stage.client(forwarder);
      for (const served of [client, second]) expect((await served.ask(requestText())).status).toBe(200);
      const third = await stage.client(forwarder);
      third.send(requestText());
      await third.closed();
      if (third.unread !== '') expect((await third.response()).status).toBe(503);
      expect(forwarder.metrics.refusedConnections).toBe(1);
      expect((await second.ask(requestText())).status).toBe(200);
      client.destroy();
      await stage.eventually(() => forwarder.open.connections === 1, 'the first connection to be gone');
      expect((await (await stage.client(forwarder)).ask(requestText())).status).toBe(200);
    },
  },
];

export const limitCases = [...heads, ...bodies, ...others];
