import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import { valueOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

export const accountingCases: readonly ConformanceCase[] = [
  {
    id: 'accounting/lines',
    title: 'writes one line for each request, own answers and refusals included',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering(answerText({ status: '201 Created', body: 'four' })));
      await client.ask(requestText({ method: 'PUT', target: '/a?secret=1', body: 'hello!' }));
      await client.ask(requestText({ host: 'other.test' }));
      await client.ask(requestText({ fields: ['X-A : 1'] }));
      await stage.idle(forwarder);
      expect(forwarder.accessLines.map(({ status, reason, outcome }) => [status, reason, outcome])).toEqual([
        [201, '', 'complete'],
        [404, 'unknown_host', 'complete'],
        [400, expect.stringMatching(/^[a-z_]+$/), 'complete'],
      ]);
      const [first] = forwarder.accessLines;
      expect(first).toMatchObject({
        method: 'PUT',
        path: '/a',
        backend: 'web',
        receivedBytes: 6,
        sentBytes: 4,
        attempts: 1,
      });
      expect(JSON.stringify(forwarder.accessLines)).not.toContain('secret');
    },
  },
  {
    id: 'accounting/in-flight',
    title: 'counts a request on its server from its beginning to its end',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(async (connection) => void (await connection.request()));
      expect(forwarder.inFlight).toBe(0);
      client.send(requestText());
      await origin.request(0);
      expect(forwarder.inFlight).toBe(1);
      (await origin.connection(0)).send(answerText());
      await client.response();
      await stage.idle(forwarder);
    },
  },
  {
    id: 'accounting/request-id',
    title: 'tells the server and the client one id, which is in the log as well',
    async run(stage) {
      const scene = await stage.serve(answering());
      const { seen, answer } = await relay(scene, requestText({ fields: ['X-Request-Id: mine'] }));
      await stage.idle(scene.forwarder);
      const id = valueOf(seen, 'x-request-id');
      expect(id).not.toBe('mine');
      expect([valueOf(answer, 'x-request-id'), scene.forwarder.accessLines[0]?.requestId]).toEqual([id, id]);
    },
  },
  {
    id: 'accounting/truncated-bytes',
    title: 'counts the bytes of an answer that broke off, and calls it truncated',
    async run(stage) {
      const { client, forwarder } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello');
        connection.end();
      });
      await expect(client.ask(requestText())).rejects.toThrow();
      await stage.idle(forwarder);
      expect(forwarder.accessLines).toMatchObject([{ status: 200, outcome: 'truncated', sentBytes: 5 }]);
    },
  },
  {
    id: 'accounting/silent-connection',
    title: 'writes no line for a connection on which nothing came',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering());
      await stage.eventually(() => forwarder.open.connections === 1, 'the connection to be accepted');
      client.end();
      await client.closed();
      await stage.eventually(() => forwarder.open.connections === 0, 'the connection to be gone');
      expect(forwarder.accessLines).toEqual([]);
    },
  },
  {
    id: 'accounting/retry',
    title: 'writes one line for a request that was tried at two servers',
    async run(stage) {
      const origin = await stage.origin(answering());
      const forwarder = await stage.forward([await stage.refusingPort(), origin.port]);
      const client = await stage.client(forwarder);
      for (let round = 0; round < 2; round++) expect((await client.ask(requestText())).status).toBe(200);
      await stage.idle(forwarder);
      expect(forwarder.accessLines).toHaveLength(2);
      expect(Math.max(...forwarder.accessLines.map((line) => line.attempts))).toBe(2);
    },
  },
];
