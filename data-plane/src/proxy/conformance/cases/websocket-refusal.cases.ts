import type { ConformanceCase } from '../conformance-case.ts';
import { errorOf, expectOwnAnswer } from '../expect-own-answer.ts';
import { answering, silent } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import { accepting, webSocketRequest } from '../web-socket-text.ts';
import { valueOf, valuesOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

export const webSocketRefusalCases: readonly ConformanceCase[] = [
  {
    id: 'websocket-refusal/refused',
    title: 'passes the refusal of a server on, and goes on with HTTP',
    async run(stage) {
      const refusal = answerText({ status: '403 Forbidden', fields: ['X-Why: no'], body: 'not you' });
      const scene = await stage.serve(answering((request) => (request.target === '/chat' ? refusal : answerText())));
      const { answer } = await relay(scene, webSocketRequest());
      expect([answer.status, valueOf(answer, 'x-why'), answer.body.toString()]).toEqual([403, 'no', 'not you']);
      const next = await stage.client(scene.forwarder);
      expect((await next.ask(requestText())).status).toBe(200);
      await stage.idle(scene.forwarder);
    },
  },
  {
    id: 'websocket-refusal/refused-with-chunks',
    title: 'passes a refusal in chunks on',
    async run(stage) {
      const refusal =
        'HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n4\r\n you\r\n0\r\n\r\n';
      const { answer } = await relay(await stage.serve(answering(refusal)), webSocketRequest());
      expect([answer.status, answer.body.toString()]).toEqual([401, 'not you']);
    },
  },
  {
    id: 'websocket-refusal/ignored',
    title: 'passes a plain answer to a handshake on',
    async run(stage) {
      const { answer } = await relay(await stage.serve(answering()), webSocketRequest());
      expect([answer.status, answer.body.toString()]).toEqual([200, 'ok']);
    },
  },
  {
    id: 'websocket-refusal/unknown-host',
    title: 'answers 404 to a handshake with an unknown host',
    async run(stage) {
      const { client, origin } = await stage.serve(accepting);
      const answer = await client.ask(webSocketRequest().replace('a.test', 'other.test'));
      expect([answer.status, expectOwnAnswer(answer), origin.received]).toEqual([404, 'unknown_host', '']);
    },
  },
  {
    id: 'websocket-refusal/no-servers',
    title: 'answers 503 to a handshake when there is no server',
    async run(stage) {
      const client = await stage.client(await stage.forward([]));
      const answer = await client.ask(webSocketRequest());
      expect(answer.status).toBe(503);
      expectOwnAnswer(answer);
    },
  },
  {
    id: 'websocket-refusal/refused-connection',
    title: 'answers 502 to a handshake when no server takes the connection',
    async run(stage) {
      const client = await stage.client(await stage.forward([await stage.refusingPort()]));
      const answer = await client.ask(webSocketRequest());
      expect([answer.status, errorOf(answer)]).toEqual([502, 'connect_failed']);
    },
  },
  {
    id: 'websocket-refusal/no-answer',
    title: 'answers 504 to a handshake that a server does not answer in time',
    async run(stage) {
      const { client, origin } = await stage.serve(silent, { backend: { timeouts: { firstByte: '250ms' } } });
      const answer = await client.ask(webSocketRequest());
      expect([answer.status, errorOf(answer)]).toEqual([504, 'first_byte_timeout']);
      await (await origin.connection(0)).closed();
    },
  },
  {
    id: 'websocket-refusal/garbage',
    title: 'answers 502 to a handshake that a server answers by what is no HTTP',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering('stray garbage\r\n\r\n'));
      expect((await client.ask(webSocketRequest())).status).toBe(502);
      await stage.idle(forwarder);
    },
  },
  {
    id: 'websocket-refusal/dropped',
    title: 'answers 502 to a handshake during which a server closes',
    async run(stage) {
      const { client } = await stage.serve(async (connection) => {
        await connection.request();
        connection.end();
      });
      expect((await client.ask(webSocketRequest())).status).toBe(502);
    },
  },
  {
    id: 'websocket-refusal/abort',
    title: 'frees the server when the client leaves during the handshake',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(silent);
      client.send(webSocketRequest());
      await origin.request(0);
      client.reset();
      await (await origin.connection(0)).closed();
      await stage.idle(forwarder);
    },
  },
  {
    id: 'websocket-refusal/post',
    title: 'opens no tunnel for another method than GET',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      const answer = await client.ask(webSocketRequest().replace('GET', 'POST'));
      expect([200, 400]).toContain(answer.status);
      for (const request of origin.requests) expect(valuesOf(request, 'upgrade')).toEqual([]);
    },
  },
  {
    id: 'websocket-refusal/body',
    title: 'never takes the body of a handshake for a request or for bytes of a tunnel',
    async run(stage) {
      const inner = requestText({ target: '/smuggled' });
      const { client, origin, forwarder } = await stage.serve(answering());
      const answer = await client.ask(webSocketRequest([`Content-Length: ${inner.length}`]) + inner);
      expect([200, 400]).toContain(answer.status);
      client.end();
      await stage.idle(forwarder);
      for (const request of origin.requests)
        expect([request.target, request.body.toString()]).toEqual(['/chat', inner]);
      expect(origin.requests.length).toBeLessThanOrEqual(1);
    },
  },
];
