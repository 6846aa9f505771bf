import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import type { OriginScript } from '../scripted-origin.ts';
import { configurationOf } from '../stage.ts';
import { accepting, webSocketRequest } from '../web-socket-text.ts';
import { answerText, requestText } from '../wire-text.ts';

const held: OriginScript = async (connection) => void (await connection.request());
const other = answering(answerText({ body: 'other' }));
const cutAtOnce = { backend: { timeouts: { drain: '0s' } } } as const;

/** What is under way stays where it is; what comes next goes by the new configuration. */
export const reconfigurationCases: readonly ConformanceCase[] = [
  {
    id: 'reconfiguration/request-stays',
    title: 'lets a request end at a server that has left, and sends the next one on the same connection elsewhere',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(held);
      const next = await stage.origin(other);
      client.send(requestText());
      await origin.request(0);
      await forwarder.publish(configurationOf([next.port]));
      expect(forwarder.inFlight).toBe(1);
      (await origin.connection(0)).send(answerText({ body: 'first' }));
      expect((await client.response()).body.toString()).toBe('first');
      expect((await client.ask(requestText())).body.toString()).toBe('other');
      const [before, after] = forwarder.accessLines.map((line) => line.version);
      expect(after).toBeGreaterThan(before!);
    },
  },
  {
    id: 'reconfiguration/tunnel-stays',
    title: 'keeps a tunnel to a server that has left',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(accepting);
      expect((await client.ask(webSocketRequest())).status).toBe(101);
      await forwarder.publish(configurationOf([(await stage.origin(other)).port]));
      const server = await origin.connection(0);
      client.send('ping');
      expect((await server.take(4)).toString()).toBe('ping');
      server.send('pong');
      expect((await client.take(4)).toString()).toBe('pong');
    },
  },
  {
    id: 'reconfiguration/connection-stays',
    title: 'goes on with its connections to servers that a change does not touch',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(answering());
      expect((await client.ask(requestText())).status).toBe(200);
      const hosts = [
        { host: 'a.test', backend: 'web' },
        { host: 'b.test', backend: 'web' },
      ];
      await forwarder.publish(configurationOf([origin.port], { hosts }));
      expect((await client.ask(requestText({ host: 'b.test' }))).status).toBe(200);
      expect(origin.connections).toHaveLength(1);
    },
  },
  {
    id: 'reconfiguration/host-leaves',
    title: 'answers 404 on an open connection when a host has left',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(answering());
      expect((await client.ask(requestText())).status).toBe(200);
      await forwarder.publish(configurationOf([origin.port], { hosts: [{ host: 'b.test', backend: 'web' }] }));
      expect((await client.ask(requestText())).status).toBe(404);
    },
  },
  {
    id: 'reconfiguration/request-cut',
    title: 'ends a request whose server has left and whose drain time is over',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(held, cutAtOnce);
      const next = await stage.origin(other);
      client.send(requestText());
      await origin.request(0);
      await forwarder.publish(configurationOf([next.port], cutAtOnce));
      await (await origin.connection(0)).closed();
      await stage.idle(forwarder);
      expect((await client.response()).status).toBe(503);
      expect(next.received).toBe('');
    },
  },
  {
    id: 'reconfiguration/answer-cut',
    title: 'shows an answer as truncated that is cut when the drain time is over',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(
        answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'),
        cutAtOnce,
      );
      client.send(requestText());
      await client.until(() => client.received.text().endsWith('part'), 'the beginning of the answer');
      await forwarder.publish(configurationOf([(await stage.origin(other)).port], cutAtOnce));
      await (await origin.connection(0)).closed();
      await client.closed();
      await stage.idle(forwarder);
      expect(forwarder.accessLines.map((line) => line.outcome)).toEqual(['truncated']);
    },
  },
  {
    id: 'reconfiguration/tunnel-cut',
    title: 'closes both sides of a tunnel whose server has left and whose drain time is over',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(accepting, cutAtOnce);
      expect((await client.ask(webSocketRequest())).status).toBe(101);
      await forwarder.publish(configurationOf([(await stage.origin(other)).port], cutAtOnce));
      await Promise.all([client.closed(), (await origin.connection(0)).closed()]);
      await stage.idle(forwarder);
    },
  },
  {
    id: 'reconfiguration/under-load',
    title: 'loses no request over 40 changes between two servers',
    async run(stage) {
      const { origin, forwarder } = await stage.serve(answering());
      const next = await stage.origin(answering());
      const state = { changing: true };
      const one = async (): Promise<number> => {
        const client = await stage.client(forwarder);
        let served = 0;
        while (state.changing) {
          const answer = await client.ask(requestText({ method: 'POST', body: 'hello' }));
          if (answer.status !== 200) throw new Error(`${answer.startLine} ${answer.body.toString()}`);
          served++;
        }
        return served;
      };
      const load = Promise.all(Array.from({ length: 8 }, one));
      for (let change = 0; change < 40; change++) {
        await forwarder.publish(configurationOf([change % 2 === 0 ? next.port : origin.port]));
      }
      state.changing = false;
      const served = (await load).reduce((sum, count) => sum + count, 0);
      expect(origin.requests.length + next.requests.length).toBe(served);
    },
  },
];
