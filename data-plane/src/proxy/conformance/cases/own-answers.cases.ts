import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { errorOf, expectOwnAnswer } from '../expect-own-answer.ts';
import { unaccepting } from '../unaccepting-port.ts';
import { valueOf } from '../wire-message.ts';
import { requestText } from '../wire-text.ts';

export const ownAnswerCases: readonly ConformanceCase[] = [
  {
    id: 'own-answers/unknown-host',
    title: 'answers 404 to an unknown host and serves the next request',
    async run(stage) {
      const { client } = await stage.serve(answering());
      const answer = await client.ask(requestText({ host: 'other.test' }));
      expect(answer.status).toBe(404);
      expect(expectOwnAnswer(answer)).toBe('unknown_host');
      expect((await client.ask(requestText())).status).toBe(200);
    },
  },
  {
    id: 'own-answers/no-route',
    title: 'answers 404 where no route of a host matches',
    async run(stage) {
      const hosts = [{ host: 'a.test', routes: [{ match: { path: { prefix: '/api' } }, backend: 'web' }] }];
      const { client } = await stage.serve(answering(), { hosts });
      const answer = await client.ask(requestText({ target: '/other' }));
      expect(answer.status).toBe(404);
      expectOwnAnswer(answer);
    },
  },
  {
    id: 'own-answers/no-servers',
    title: 'answers 503 with Retry-After when a backend has no servers',
    async run(stage) {
      const client = await stage.client(await stage.forward([]));
      const answer = await client.ask(requestText());
      expect(answer.status).toBe(503);
      expect(expectOwnAnswer(answer)).toMatch(/^no_(healthy_)?servers?$/);
      expect(valueOf(answer, 'retry-after')).toMatch(/^\d+$/);
    },
  },
  {
    id: 'own-answers/connect-failed',
    title: 'answers 502 when the server refuses connections, and says nothing of where it is',
    async run(stage) {
      const port = await stage.refusingPort();
      const client = await stage.client(await stage.forward([port]));
      const answer = await client.ask(requestText());
      expect([answer.status, expectOwnAnswer(answer)]).toEqual([502, 'connect_failed']);
      expect(client.received.text()).not.toContain(String(port));
    },
  },
  {
    id: 'own-answers/connect-timeout',
    title: 'answers 504 when the server does not take the connection in time',
    async run(stage) {
      const { port, release } = await unaccepting();
      stage.defer(release);
      const backend = { timeouts: { connect: '200ms' } };
      const client = await stage.client(await stage.forward([port], { backend }));
      const answer = await client.ask(requestText());
      expect([answer.status, expectOwnAnswer(answer)]).toEqual([504, 'connect_timeout']);
    },
  },
  {
    id: 'own-answers/different-ids',
    title: 'gives every request an id of its own',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering());
      const ids = new Set<string>();
      for (let round = 0; round < 3; round++) {
        const answer = await client.ask(requestText({ host: 'other.test' }));
        ids.add((JSON.parse(answer.body.toString()) as { requestId: string }).requestId);
      }
      expect(ids.size).toBe(3);
      await stage.idle(forwarder);
      expect(forwarder.accessLines.map((line) => line.requestId)).toEqual([...ids]);
    },
  },
  {
    id: 'own-answers/http10',
    title: 'closes the connection of an HTTP/1.0 client after its own answer',
    async run(stage) {
      const { client } = await stage.serve(answering());
      const answer = await client.ask(requestText({ version: '1.0', host: 'other.test' }));
      expect([answer.status, errorOf(answer)]).toEqual([404, 'unknown_host']);
      await client.closed();
    },
  },
  {
    id: 'own-answers/body-under-way',
    title: 'gets its own answer through to a client that is sending a body of 1 MiB',
    async run(stage) {
      const { client } = await stage.serve(answering());
      const body = Buffer.alloc(1_048_576, 'x');
      client.send(requestText({ method: 'POST', host: 'other.test', fields: [`Content-Length: ${body.length}`] }));
      await client.pour(body);
      const answer = await client.response('POST');
      expect([answer.status, errorOf(answer)]).toEqual([404, 'unknown_host']);
    },
  },
  {
    id: 'own-answers/server-resets-under-upload',
    title: 'answers 502, or closes, when a server resets in the middle of a body of 4 MiB',
    async run(stage) {
      const { client, forwarder } = await stage.serve(async (connection) => {
        await connection.head();
        await connection.take(100_000);
        connection.reset();
      });
      const body = Buffer.alloc(4 * 1_048_576, 'x');
      client.send(requestText({ method: 'POST', fields: [`Content-Length: ${body.length}`] }));
      const sending = client.pour(body);
      await client.until(
        () => client.ending !== 'open' || client.received.text().includes('\r\n\r\n'),
        'an answer or the end',
      );
      if (client.unread !== '') expect((await client.response('POST')).status).toBe(502);
      client.destroy();
      await sending;
      await stage.idle(forwarder);
    },
  },
  {
    id: 'own-answers/body-is-no-request',
    title: 'never takes the body of a request that it answers itself for a request',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      client.send(requestText({ method: 'POST', host: 'other.test', body: requestText({ target: '/smuggled' }) }));
      expect((await client.response('POST')).status).toBe(404);
      client.end();
      await client.closed();
      expect([client.unread, origin.received]).toEqual(['', '']);
    },
  },
  {
    id: 'own-answers/hostile-host',
    title: 'reflects nothing of the request',
    async run(stage) {
      const { client } = await stage.serve(answering());
      const text = requestText({
        host: 'evil-host.test',
        target: '/<script>alert(1)</script>',
        fields: ['X-Evil: <b>'],
      });
      expect((await client.ask(text)).body.toString()).not.toMatch(/script|evil/);
    },
  },
];
