import type { ConformanceCase } from '../conformance-case.ts';
import { within } from '../eventually.ts';
import { answering } from '../origin-scripts.ts';
import type { OriginScript } from '../scripted-origin.ts';
import { accepting, webSocketRequest } from '../web-socket-text.ts';
import { membersOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

/** Takes a request; the case answers it. */
const held: OriginScript = async (connection) => void (await connection.request());

/** Whether a promise has come to its end. */
function watch(promise: Promise<void>): { done: boolean } {
  const state = { done: false };
  void promise.then(() => (state.done = true));
  return state;
}

export const shutdownCases: readonly ConformanceCase[] = [
  {
    id: 'shutdown/drain-closes',
    title: 'says Connection: close on every answer while it drains, and closes',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering());
      const other = await stage.client(forwarder);
      expect(membersOf(await client.ask(requestText()), 'connection')).not.toContain('close');
      forwarder.beginDrain();
      const requests = [
        [client, requestText()],
        [other, requestText({ host: 'other.test' })],
      ] as const;
      for (const [one, request] of requests) {
        expect(membersOf(await one.ask(request), 'connection')).toContain('close');
        expect(await one.closed()).toBe('end');
      }
    },
  },
  {
    id: 'shutdown/drain-accepts',
    title: 'accepts connections while it drains, and keeps idle ones until their next request',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering());
      expect((await client.ask(requestText())).status).toBe(200);
      forwarder.beginDrain();
      expect((await (await stage.client(forwarder)).ask(requestText())).status).toBe(200);
      expect(client.ending).toBe('open');
      expect((await client.ask(requestText())).status).toBe(200);
    },
  },
  {
    id: 'shutdown/drain-under-way',
    title: 'says Connection: close on an answer that begins after draining began',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(held);
      client.send(requestText());
      await origin.request(0);
      forwarder.beginDrain();
      (await origin.connection(0)).send(answerText());
      expect(membersOf(await client.response(), 'connection')).toContain('close');
      await client.closed();
    },
  },
  {
    id: 'shutdown/drain-websocket',
    title: 'opens tunnels while it drains, without a word of closing',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(accepting);
      forwarder.beginDrain();
      const answer = await client.ask(webSocketRequest());
      expect([answer.status, membersOf(answer, 'connection')]).toEqual([101, ['upgrade']]);
      client.send('ping');
      expect((await (await origin.connection(0)).take(4)).toString()).toBe('ping');
    },
  },
  {
    id: 'shutdown/stop-closes-idle',
    title: 'closes idle connections and refuses new ones once it has stopped accepting',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering());
      const fresh = await stage.client(forwarder);
      expect((await client.ask(requestText())).status).toBe(200);
      forwarder.beginDrain();
      await within(forwarder.stopAccepting(), 'a forwarder with idle connections to stop');
      await Promise.all([client.closed(), fresh.closed()]);
      await expect(stage.client(forwarder)).rejects.toThrow('ECONNREFUSED');
    },
  },
  {
    id: 'shutdown/stop-waits-for-requests',
    title: 'stops only when the last request has its whole answer',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(held);
      client.send(requestText());
      await origin.request(0);
      forwarder.beginDrain();
      const stopping = forwarder.stopAccepting();
      const state = watch(stopping);
      await expect(stage.client(forwarder)).rejects.toThrow('ECONNREFUSED');
      const connection = await origin.connection(0);
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf');
      await client.until(() => client.received.text().endsWith('half'), 'the first half');
      expect(state.done).toBe(false);
      connection.send('half');
      expect((await client.response()).body.toString()).toBe('halfhalf');
      await within(stopping, 'the forwarder to stop after its last answer');
    },
  },
  {
    id: 'shutdown/stop-waits-for-tunnels',
    title: 'stops only when the last tunnel has ended',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(accepting);
      expect((await client.ask(webSocketRequest())).status).toBe(101);
      forwarder.beginDrain();
      const stopping = forwarder.stopAccepting();
      const state = watch(stopping);
      const server = await origin.connection(0);
      server.send('ping');
      expect((await client.take(4)).toString()).toBe('ping');
      expect(state.done).toBe(false);
      client.end();
      await within(stopping, 'the forwarder to stop after its last tunnel');
    },
  },
  {
    id: 'shutdown/stop-and-half-head',
    title: 'does not wait for a head that does not come',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering(), { limits: { headerTimeoutMs: 300 } });
      client.send('GET / HTTP/1.1\r\nHost: a.te');
      await stage.eventually(() => forwarder.open.connections === 1, 'the connection to be accepted');
      forwarder.beginDrain();
      await within(forwarder.stopAccepting(), 'the forwarder to stop');
      await client.closed();
    },
  },
  {
    id: 'shutdown/close-cuts',
    title: 'cuts requests and tunnels when it is closed, and accounts for them',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(async (connection, index) => {
        await (index === 0 ? accepting : held)(connection, index);
      });
      expect((await client.ask(webSocketRequest())).status).toBe(101);
      const waiting = await stage.client(forwarder);
      waiting.send(requestText());
      await origin.request(0);
      await within(forwarder.close(), 'the forwarder to close');
      await Promise.all([client.closed(), waiting.closed()]);
      for (const connection of origin.connections) await connection.closed();
      await stage.idle(forwarder);
      expect(forwarder.accessLines).toHaveLength(2);
    },
  },
  {
    id: 'shutdown/close-frees-port',
    title: 'listens no more when it is closed',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering());
      expect((await client.ask(requestText())).status).toBe(200);
      await within(forwarder.close(), 'the forwarder to close');
      await client.closed();
      await expect(stage.client(forwarder)).rejects.toThrow('ECONNREFUSED');
    },
  },
];
