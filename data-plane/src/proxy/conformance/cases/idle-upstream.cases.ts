import type { ConformanceCase } from '../conformance-case.ts';
import { answering, firstThen } from '../origin-scripts.ts';
import type { OriginScript } from '../scripted-origin.ts';
import { answerText, requestText } from '../wire-text.ts';

const POISON = answerText({ body: 'poison' });

/** Answers the first request with something more behind; then behaves well, if it is asked again. */
const stray =
  (bytes: string): OriginScript =>
  async (connection, index) => {
    await connection.request();
    connection.send(answerText({ body: 'first' }) + bytes);
    await answering()(connection, index);
  };

/** Nothing that a server sends unasked may become the answer to anybody's request. */
const dropped = (id: string, what: string, bytes: string, together: boolean): ConformanceCase => ({
  id: `idle-upstream/${id}`,
  title: `drops a connection on which a server sends ${what}, and gives the next client its own answer`,
  async run(stage) {
    const script = firstThen(stray(together ? bytes : ''), answering(answerText({ body: 'second' })));
    const { client, origin, forwarder } = await stage.serve(script);
    expect((await client.ask(requestText())).body.toString()).toBe('first');
    const connection = await origin.connection(0);
    if (!together) connection.send(bytes);
    await connection.closed();
    const other = await stage.client(forwarder);
    for (const one of [client, other]) {
      expect((await one.ask(requestText())).body.toString()).toBe('second');
      expect(one.received.text()).not.toContain('poison');
    }
    expect(connection.requests).toHaveLength(1);
  },
});

export const idleUpstreamCases: readonly ConformanceCase[] = [
  dropped('answer-together', 'a second answer in one piece with the first', POISON, true),
  dropped('bytes-together', 'more than the length of its answer', 'poison', true),
  dropped('answer-later', 'an answer that nobody asked for', POISON, false),
  dropped('bytes-later', 'bytes that nobody asked for', 'poison', false),
  dropped(
    'timeout-later',
    'a 408 while it is idle',
    answerText({ status: '408 Request Timeout', body: 'poison' }),
    false,
  ),
  {
    id: 'idle-upstream/closed',
    title: 'notices that a server has closed an idle connection',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      expect((await client.ask(requestText())).status).toBe(200);
      const first = await origin.connection(0);
      first.end();
      await first.closed();
      expect((await client.ask(requestText({ method: 'POST', body: 'hello' }))).status).toBe(200);
      expect(origin.connections).toHaveLength(2);
    },
  },
  {
    id: 'idle-upstream/reset',
    title: 'survives that a server resets an idle connection',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      expect((await client.ask(requestText())).status).toBe(200);
      (await origin.connection(0)).reset();
      expect((await client.ask(requestText())).status).toBe(200);
      expect(origin.connections).toHaveLength(2);
    },
  },
];
