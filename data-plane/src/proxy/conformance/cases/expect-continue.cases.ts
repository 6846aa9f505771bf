import type { ConformanceCase } from '../conformance-case.ts';
import { answering, silent } from '../origin-scripts.ts';
import type { OriginScript } from '../scripted-origin.ts';
import { valueOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

const PROCEED = answerText({ status: '100 Continue', body: undefined });
const fields = ['Expect: 100-continue', 'Content-Length: 5'];
const head = requestText({ method: 'POST', fields });

/** Lets the client go on, takes the body, answers by it. */
const proceeding: OriginScript = async (connection) => {
  const request = await connection.head();
  connection.send(PROCEED);
  const body = await connection.take(Number(valueOf(request, 'content-length')));
  connection.send(answerText({ body: body.toString('latin1') }));
};

/** RFC 9110, 10.1.1. A client may wait for ever, so something has to come. */
export const expectContinueCases: readonly ConformanceCase[] = [
  {
    id: 'expect-continue/proceeds',
    title: 'lets a waiting client go on, and forwards its body whole',
    async run(stage) {
      const { client } = await stage.serve(proceeding);
      client.send(head);
      expect((await client.head()).status).toBe(100);
      client.send('hello');
      const answer = await client.response();
      expect([answer.status, answer.body.toString()]).toEqual([200, 'hello']);
    },
  },
  {
    id: 'expect-continue/impatient',
    title: 'takes a body that does not wait for 100',
    async run(stage) {
      const { client } = await stage.serve(proceeding);
      client.send(`${head}hello`);
      const answer = await client.response('POST');
      expect([answer.status, answer.body.toString()]).toEqual([200, 'hello']);
    },
  },
  {
    id: 'expect-continue/refused',
    title: 'gives a waiting client the refusal of a server that does not want the body',
    async run(stage) {
      const { client } = await stage.serve(async (connection) => {
        await connection.head();
        connection.send(answerText({ status: '401 Unauthorized', fields: ['Connection: close'], body: 'no' }));
        connection.end();
      });
      client.send(head);
      let first = await client.head();
      if (first.status === 100) {
        client.send('hello');
        first = await client.head();
      }
      expect(first.status).toBe(401);
    },
  },
  {
    id: 'expect-continue/never-a-hang',
    title: 'does not leave a client waiting when the server says nothing',
    async run(stage) {
      const backend = { timeouts: { firstByte: '300ms', idle: '300ms' } };
      const { client } = await stage.serve(silent, { backend });
      client.send(head);
      expect([100, 408, 417, 502, 504]).toContain((await client.head()).status);
    },
  },
  {
    id: 'expect-continue/old-server',
    title: 'works with a server that knows no 100 and waits for the body',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      client.send(head);
      const deadline = setTimeout(() => client.send('hello'), 100);
      stage.defer(() => clearTimeout(deadline));
      expect((await client.response('POST')).status).toBe(200);
      expect((await origin.request(0)).body.toString()).toBe('hello');
    },
  },
  {
    id: 'expect-continue/chunked',
    title: 'lets a waiting client go on with a chunked body',
    async run(stage) {
      const { client } = await stage.serve(async (connection) => {
        await connection.head();
        connection.send(PROCEED);
        const body = await connection.takeThrough('0\r\n\r\n');
        connection.send(answerText({ body: String(body.includes('hello')) }));
      });
      client.send(requestText({ method: 'PUT', fields: ['Expect: 100-continue', 'Transfer-Encoding: chunked'] }));
      expect((await client.head()).status).toBe(100);
      client.send('5\r\nhello\r\n0\r\n\r\n');
      expect((await client.response('PUT')).body.toString()).toBe('true');
    },
  },
  {
    id: 'expect-continue/http10',
    title: 'ignores the expectation of an HTTP/1.0 client',
    async run(stage) {
      const { client } = await stage.serve(answering());
      client.send(`${requestText({ method: 'POST', version: '1.0', fields })}hello`);
      const answer = await client.response('POST');
      expect([answer.interim.length, answer.status]).toEqual([0, 200]);
    },
  },
  {
    id: 'expect-continue/unknown',
    title: 'answers 417 to another expectation, or leaves it to the server',
    async run(stage) {
      const { client } = await stage.serve(answering());
      client.send(requestText({ fields: ['Expect: the-unexpected'] }));
      expect([200, 417]).toContain((await client.response()).status);
    },
  },
  {
    id: 'expect-continue/unknown-host',
    title: 'answers 404 to an unknown host without asking for the body',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      client.send(requestText({ method: 'POST', host: 'other.test', fields }));
      const answer = await client.response('POST');
      expect([answer.interim.length, answer.status, origin.received]).toEqual([0, 404, '']);
    },
  },
];
