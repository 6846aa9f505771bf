import type { BackendDocument } from '@headgate/shared/model/backend';
import type { ConformanceCase } from '../conformance-case.ts';
import { errorOf } from '../expect-own-answer.ts';
import { answering, silent } from '../origin-scripts.ts';
import type { OriginScript } from '../scripted-origin.ts';
import type { Stage } from '../stage.ts';
import { answerText, requestText } from '../wire-text.ts';

const GET = requestText({ target: '/x' });
const CLOSING = answerText({ fields: ['Connection: close'] });

/** Takes a request and closes without a word. */
const dropping: OriginScript = async (connection) => {
  await connection.request();
  connection.destroy();
};

/** Several servers that all do the same, and what is asked of them. */
async function alike(stage: Stage, script: OriginScript, count: number, backend: ServerSettings) {
  const origins = await Promise.all(Array.from({ length: count }, () => stage.origin(script)));
  const forwarder = await stage.forward(
    origins.map((origin) => origin.port),
    { backend },
  );
  const requests = (): number => origins.flatMap((origin) => origin.requests).length;
  return { origins, forwarder, requests, client: await stage.client(forwarder) };
}

type ServerSettings = Omit<BackendDocument, 'name' | 'servers'>;

/** Drops each target when it is asked for the first time; then holds `/hold` until it is released and answers the rest. */
function droppingFirst(): { readonly script: OriginScript; readonly release: () => void } {
  const seen = new Set<string>();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const script: OriginScript = async (connection) => {
    const { target } = await connection.request();
    if (!seen.has(target)) {
      seen.add(target);
      connection.destroy();
      return;
    }
    if (target === '/hold') await released;
    connection.send(CLOSING);
    connection.end();
  };
  return { script, release };
}

/** How often a request is sent again, and when not. */
export const replayCases: readonly ConformanceCase[] = [
  {
    id: 'replay/attempts',
    title: 'tries as many servers as the backend allows, and answers by the last failure',
    async run(stage) {
      const { client, forwarder, origins } = await alike(stage, dropping, 4, { retry: { attempts: 2 } });
      const answer = await client.ask(GET);
      expect([answer.status, errorOf(answer)]).toEqual([502, 'connection_lost']);
      await stage.idle(forwarder);
      expect(forwarder.accessLines.map((line) => line.attempts)).toEqual([3]);
      expect(origins.map((origin) => origin.requests.length).sort()).toEqual([0, 1, 1, 1]);
      expect(forwarder.metrics.refusedRetries.get('attempts')).toBe(1);
    },
  },
  {
    id: 'replay/most-attempts',
    title: 'tries eleven servers if it has to, the body whole at each',
    async run(stage) {
      const { client, requests, origins } = await alike(stage, dropping, 12, { retry: { attempts: 10 } });
      expect((await client.ask(requestText({ method: 'PUT', body: 'hello' }))).status).toBe(502);
      expect(requests()).toBe(11);
      const bodies = origins.flatMap((origin) => origin.requests).map((request) => request.body.toString());
      expect(new Set(bodies)).toEqual(new Set(['hello']));
    },
  },
  {
    id: 'replay/off',
    title: 'sends nothing again where the backend allows no retry',
    async run(stage) {
      const { client, requests } = await alike(stage, dropping, 2, { retry: { attempts: 0 } });
      expect((await client.ask(GET)).status).toBe(502);
      expect(requests()).toBe(1);
    },
  },
  {
    id: 'replay/bytes',
    title: 'keeps no more of a body than the backend allows',
    async run(stage) {
      const { client, forwarder } = await alike(stage, dropping, 2, { retry: { replayBytes: 4 } });
      expect((await client.ask(requestText({ method: 'PUT', body: 'four' }))).status).toBe(502);
      const other = await stage.client(forwarder);
      expect((await other.ask(requestText({ method: 'PUT', body: 'fives' }))).status).toBe(502);
      await stage.idle(forwarder);
      expect(forwarder.accessLines.map((line) => line.attempts)).toEqual([2, 1]);
      expect(forwarder.metrics.refusedRetries.get('not_replayable')).toBe(1);
    },
  },
  {
    id: 'replay/first-byte-timeout',
    title: 'sends a GET that was not answered in time to another server, which has as much time',
    async run(stage) {
      const { client, origins, forwarder } = await alike(stage, silent, 2, { timeouts: { firstByte: '200ms' } });
      const answer = await client.ask(GET);
      expect([answer.status, errorOf(answer)]).toEqual([504, 'first_byte_timeout']);
      await stage.idle(forwarder);
      expect(origins.map((origin) => origin.requests.length)).toEqual([1, 1]);
      for (const origin of origins) await (await origin.connection(0)).closed();
    },
  },
  {
    id: 'replay/expect-continue',
    title: 'asks another server when the first closes before the client was told to go on',
    async run(stage) {
      const state = { first: true };
      const script: OriginScript = async (connection) => {
        await connection.head();
        if (state.first) {
          state.first = false;
          connection.destroy();
          return;
        }
        connection.send(answerText({ status: '100 Continue', body: undefined }));
        connection.send(answerText({ body: (await connection.take(5)).toString() }));
      };
      const { client } = await alike(stage, script, 2, {});
      client.send(requestText({ method: 'PUT', fields: ['Expect: 100-continue', 'Content-Length: 5'] }));
      expect((await client.head()).status).toBe(100);
      client.send('hello');
      const answer = await client.response('PUT');
      expect([answer.status, answer.body.toString()]).toEqual([200, 'hello']);
    },
  },
  {
    id: 'replay/while-uploading',
    title: 'sends what has come of a small body again, and then the rest',
    async run(stage) {
      const state = { first: true };
      const script: OriginScript = async (connection, index) => {
        if (!state.first)
          return answering((request) => answerText({ body: request.body.toString() }))(connection, index);
        state.first = false;
        await connection.head();
        await connection.take(5);
        connection.reset();
      };
      const { client, forwarder, origins } = await alike(stage, script, 2, {});
      client.send(`${requestText({ method: 'PUT', fields: ['Content-Length: 10'] })}01234`);
      await stage.eventually(
        () => origins.every((origin) => origin.received.endsWith('01234')),
        'the beginning to be sent to both',
      );
      client.send('56789');
      expect((await client.response('PUT')).body.toString()).toBe('0123456789');
      await stage.idle(forwarder);
      expect(forwarder.accessLines[0]).toMatchObject({ attempts: 2, receivedBytes: 10 });
    },
  },
  {
    id: 'replay/budget',
    title: 'sends no request again while the backend has as many retries in flight as it may',
    async run(stage) {
      const { script, release } = droppingFirst();
      const retry = { budgetPercent: 0, minConcurrent: 1 };
      const { client, forwarder } = await alike(stage, script, 2, { retry });
      client.send(requestText({ target: '/hold' }));
      await stage.eventually(() => forwarder.metrics.retries === 1, 'the first retry');
      const refused = await (await stage.client(forwarder)).ask(requestText({ target: '/lost' }));
      expect([refused.status, errorOf(refused)]).toEqual([502, 'connection_lost']);
      expect(forwarder.metrics.refusedRetries.get('budget')).toBe(1);
      release();
      expect((await client.response()).status).toBe(200);
      await stage.idle(forwarder);
      expect((await (await stage.client(forwarder)).ask(requestText({ target: '/again' }))).status).toBe(200);
      expect(forwarder.metrics.retries).toBe(2);
    },
  },
];
