import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import { valueOf, valuesOf } from '../wire-message.ts';
import { answerText, chunkedText, requestText } from '../wire-text.ts';

const NEXT = requestText({ target: '/next' });
const nextIsServed = answerText({ body: 'next' });

interface Bodiless {
  readonly id: string;
  readonly title: string;
  readonly method?: string;
  /** What the server sends to the first request. */
  readonly answer: string;
  readonly status: number;
  /** What Content-Length may say to the client. */
  readonly lengths: readonly (string | undefined)[];
}

/** An answer without body, after which the connection goes on with the next request. */
const bodiless = ({ id, title, method = 'GET', answer, status, lengths }: Bodiless): ConformanceCase => ({
  id: `bodiless/${id}`,
  title,
  async run(stage) {
    const scene = await stage.serve(answering((request) => (request.target === '/next' ? nextIsServed : answer)));
    const first = await scene.client.ask(requestText({ method }));
    expect([first.status, first.framing]).toEqual([status, 'none']);
    expect(lengths).toContain(valueOf(first, 'content-length'));
    expect((await relay(scene, NEXT)).answer.body.toString()).toBe('next');
  },
});

/** RFC 9110, 9.3.2, 15.3.5, 15.4.5; RFC 9112, 6.3. */
export const bodilessCases: readonly ConformanceCase[] = [
  bodiless({
    id: 'head',
    title: 'passes the length of a HEAD answer on, and no body',
    method: 'HEAD',
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n',
    status: 200,
    lengths: ['1234'],
  }),
  bodiless({
    id: 'head-without-length',
    title: 'invents no length for a HEAD answer that has none',
    method: 'HEAD',
    answer: 'HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n',
    status: 200,
    lengths: [undefined],
  }),
  bodiless({
    id: 'head-chunked',
    title: 'sends no chunks after a HEAD answer that announces them',
    method: 'HEAD',
    answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    status: 200,
    lengths: [undefined],
  }),
  bodiless({
    id: '204',
    title: 'passes 204 on',
    answer: 'HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n',
    status: 204,
    lengths: [undefined],
  }),
  bodiless({
    id: '204-with-length',
    title: 'removes a length of zero from 204',
    answer: 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    status: 204,
    lengths: [undefined],
  }),
  bodiless({
    id: '204-to-delete',
    title: 'passes 204 to a DELETE on',
    method: 'DELETE',
    answer: 'HTTP/1.1 204 No Content\r\n\r\n',
    status: 204,
    lengths: [undefined],
  }),
  bodiless({
    id: '304',
    title: 'passes 304 on, and no body',
    answer: 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
    status: 304,
    lengths: [undefined],
  }),
  bodiless({
    id: '304-with-length',
    title: 'takes the length of a 304 for that of what was not sent',
    answer: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\n\r\n',
    status: 304,
    lengths: ['1234', undefined],
  }),
  bodiless({
    id: '304-chunked',
    title: 'sends no chunks after a 304 that announces them',
    answer: 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n',
    status: 304,
    lengths: [undefined],
  }),
  ...[
    { id: 'head-with-body', method: 'HEAD', answer: answerText({ body: 'unwanted' }) },
    { id: '304-with-body', method: 'GET', answer: answerText({ status: '304 Not Modified', body: 'unwanted' }) },
    { id: '204-with-body', method: 'GET', answer: 'HTTP/1.1 204 No Content\r\n\r\nunwanted' },
    {
      id: '204-with-chunks',
      method: 'GET',
      answer: `HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedText(['unwanted'])}`,
    },
  ].map(({ id, method, answer }): ConformanceCase => ({
    id: `bodiless/${id}`,
    title: `lets a body that must not be there reach nobody (${id})`,
    async run(stage) {
      const { client, origin } = await stage.serve(
        answering((request) => (request.target === '/next' ? nextIsServed : answer)),
      );
      const first = await client.ask(requestText({ method }));
      expect([204, 200, 304, 502]).toContain(first.status);
      expect(first.body.toString()).not.toContain('unwanted');
      // The stray bytes must not be taken for the answer to the next request.
      expect((await client.ask(NEXT)).body.toString()).toBe('next');
      expect(client.received.text()).not.toContain('unwanted');
      expect((await origin.request(1)).target).toBe('/next');
    },
  })),
  {
    id: 'bodiless/own-answer-to-head',
    title: 'sends no body after its own answer to HEAD',
    async run(stage) {
      const { client } = await stage.serve(answering());
      const first = await client.ask(requestText({ method: 'HEAD', host: 'other.test' }));
      expect([first.status, first.framing]).toEqual([404, 'none']);
      expect((await client.ask(requestText())).body.toString()).toBe('ok');
      expect(valuesOf(first, 'transfer-encoding')).toEqual([]);
    },
  },
];
