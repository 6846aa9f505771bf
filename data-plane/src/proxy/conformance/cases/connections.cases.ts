import type { ConformanceCase } from '../conformance-case.ts';
import { answering, answeringInTurn, echoing, silent } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import { membersOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

export const connectionCases: readonly ConformanceCase[] = [
  {
    id: 'connections/reuse',
    title: 'serves many requests over one connection of the client and one to the server',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      for (let round = 0; round < 20; round++) {
        const answer = await client.ask(requestText({ target: `/${round}` }));
        expect([answer.status, membersOf(answer, 'connection').includes('close')]).toEqual([200, false]);
      }
      expect(origin.connections).toHaveLength(1);
    },
  },
  {
    id: 'connections/reuse-after-bodies',
    title: 'goes on with both connections after bodies in either framing',
    async run(stage) {
      const scene = await stage.serve(echoing);
      const chunked = requestText({ method: 'POST', fields: ['Transfer-Encoding: chunked'] });
      const posts = [requestText({ method: 'POST', body: 'hello' }), `${chunked}5\r\nhello\r\n0\r\n\r\n`];
      for (const post of [...posts, ...posts]) {
        expect((await relay(scene, post)).answer.body.toString()).toBe('hello');
      }
      expect(scene.origin.connections).toHaveLength(1);
    },
  },
  {
    id: 'connections/shared',
    title: 'uses a connection to the server for one client after the other',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(answering());
      expect((await client.ask(requestText())).status).toBe(200);
      client.destroy();
      expect((await (await stage.client(forwarder)).ask(requestText())).status).toBe(200);
      expect(origin.connections).toHaveLength(1);
    },
  },
  {
    id: 'connections/client-close',
    title: 'closes the connection of a client that asks for it, and keeps the one to the server',
    async run(stage) {
      const scene = await stage.serve(answering());
      const { seen, answer } = await relay(scene, requestText({ fields: ['Connection: close'] }));
      expect(membersOf(answer, 'connection')).toContain('close');
      expect(membersOf(seen, 'connection')).not.toContain('close');
      await scene.client.closed();
      expect((await (await stage.client(scene.forwarder)).ask(requestText())).status).toBe(200);
      expect(scene.origin.connections).toHaveLength(1);
    },
  },
  {
    id: 'connections/client-close-in-list',
    title: 'finds close in a list and in any case',
    async run(stage) {
      const { client } = await stage.serve(answering());
      expect((await client.ask(requestText({ fields: ['Connection: X-A, CLOSE'] }))).status).toBe(200);
      await client.closed();
    },
  },
  {
    id: 'connections/server-close',
    title: 'keeps the connection of the client when a server closes its own',
    async run(stage) {
      const { client, origin } = await stage.serve(answeringInTurn(answerText({ fields: ['Connection: close'] })));
      for (let round = 0; round < 3; round++) {
        const answer = await client.ask(requestText());
        expect([answer.status, membersOf(answer, 'connection').includes('close')]).toEqual([200, false]);
      }
      expect(origin.connections).toHaveLength(3);
    },
  },
  {
    id: 'connections/server-says-close-and-stays',
    title: 'sends nothing more over a connection of which the server said that it would close it',
    async run(stage) {
      const { client, origin } = await stage.serve(answering(answerText({ fields: ['Connection: close'] })));
      for (let round = 0; round < 2; round++) expect((await client.ask(requestText())).status).toBe(200);
      expect(origin.connections.map((connection) => connection.requests.length)).toEqual([1, 1]);
    },
  },
  {
    id: 'connections/http10-server-stays',
    title: 'sends nothing more over a connection to an HTTP/1.0 server that promised nothing',
    async run(stage) {
      const answer = 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok';
      const { client, origin } = await stage.serve(answering(answer));
      for (let round = 0; round < 2; round++) expect((await client.ask(requestText())).body.toString()).toBe('ok');
      expect(origin.connections.map((connection) => connection.requests.length)).toEqual([1, 1]);
    },
  },
  {
    id: 'connections/no-queue',
    title: 'lets nobody wait for the answer to somebody else',
    async run(stage) {
      const { client, forwarder } = await stage.serve(async (connection, index) => {
        await (index === 0 ? silent : answering())(connection, index);
      });
      client.send(requestText());
      await stage.eventually(() => forwarder.inFlight === 1, 'the first request to be under way');
      expect((await (await stage.client(forwarder)).ask(requestText())).status).toBe(200);
    },
  },
  {
    id: 'connections/no-mix-up',
    title: 'gives each of 32 clients its own answers',
    async run(stage) {
      const { forwarder } = await stage.serve(echoing);
      const rounds = Array.from({ length: 8 }, (_, index) => index);
      const one = async (name: number): Promise<readonly string[]> => {
        const client = await stage.client(forwarder);
        const bodies: string[] = [];
        for (const round of rounds) {
          const answer = await client.ask(
            requestText({ method: 'PUT', body: `${name}.${round}.`.repeat(round * 300) }),
          );
          bodies.push(answer.body.toString());
        }
        return bodies;
      };
      const all = await Promise.all(Array.from({ length: 32 }, (_, name) => one(name)));
      const wrong = all.flatMap((bodies, name) =>
        bodies.filter((body, round) => body !== `${name}.${round}.`.repeat(round * 300)),
      );
      expect(wrong).toEqual([]);
    },
  },
];
