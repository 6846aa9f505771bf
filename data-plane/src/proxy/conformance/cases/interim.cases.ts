import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import { valuesOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

const hints = (link: string, ...more: readonly string[]): string =>
  answerText({ status: '103 Early Hints', fields: [`Link: <${link}>; rel=preload`, ...more], body: undefined });
const refusing101 = (
  id: string,
  title: string,
  fields: readonly string[],
  request: readonly string[],
): ConformanceCase => ({
  id: `interim/${id}`,
  title,
  async run(stage) {
    const answer = answerText({ status: '101 Switching Protocols', fields, body: undefined });
    const { client, origin, forwarder } = await stage.serve(answering(answer));
    expect((await client.ask(requestText({ fields: request }))).status).toBe(502);
    await (await origin.connection(0)).closed();
    await stage.idle(forwarder);
  },
});

/** RFC 9110, 15.2. */
export const interimCases: readonly ConformanceCase[] = [
  {
    id: 'interim/103',
    title: 'relays 103 with its fields before the answer',
    async run(stage) {
      const scene = await stage.serve(answering(hints('/a.css') + hints('/b.js', 'X-A: 1') + answerText()));
      const { answer } = await relay(scene, requestText());
      expect(answer.interim.map((head) => head.status)).toEqual([103, 103]);
      expect(answer.interim.flatMap((head) => valuesOf(head, 'link'))).toEqual([
        '</a.css>; rel=preload',
        '</b.js>; rel=preload',
      ]);
      expect([answer.status, answer.body.toString()]).toEqual([200, 'ok']);
      expect(valuesOf(answer, 'link')).toEqual([]);
    },
  },
  {
    id: 'interim/103-at-once',
    title: 'relays 103 while the answer is not there yet',
    async run(stage) {
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send(hints('/a.css'));
      });
      client.send(requestText());
      expect((await client.head()).status).toBe(103);
      (await origin.connection(0)).send(answerText());
      expect((await client.response()).status).toBe(200);
    },
  },
  {
    id: 'interim/103-hop-by-hop',
    title: 'removes hop-by-hop fields from 103',
    async run(stage) {
      const scene = await stage.serve(answering(hints('/a', 'Connection: X-Hop', 'X-Hop: 1') + answerText()));
      const { answer } = await relay(scene, requestText());
      expect(answer.interim.map((head) => [head.status, valuesOf(head, 'x-hop')])).toEqual([[103, []]]);
    },
  },
  {
    id: 'interim/http10-client',
    title: 'sends no interim answer to an HTTP/1.0 client',
    async run(stage) {
      const scene = await stage.serve(answering(hints('/a') + answerText()));
      const { answer } = await relay(scene, requestText({ version: '1.0' }));
      expect([answer.interim.length, answer.status]).toEqual([0, 200]);
    },
  },
  {
    id: 'interim/flood',
    title: 'gives the answer itself after very many interim ones',
    async run(stage) {
      const { answer } = await relay(
        await stage.serve(answering(hints('/a').repeat(500) + answerText())),
        requestText(),
      );
      expect([answer.status, answer.body.toString()]).toEqual([200, 'ok']);
    },
  },
  {
    id: 'interim/102',
    title: 'relays or drops other interim answers, and gives the answer itself',
    async run(stage) {
      const processing = answerText({ status: '102 Processing', body: undefined });
      const { answer } = await relay(await stage.serve(answering(processing + answerText())), requestText());
      expect([answer.status, answer.body.toString()]).toEqual([200, 'ok']);
    },
  },
  {
    id: 'interim/100-unasked',
    title: 'relays or drops a 100 that nobody asked for, and gives the answer itself',
    async run(stage) {
      const proceed = answerText({ status: '100 Continue', body: undefined });
      const { answer } = await relay(await stage.serve(answering(proceed + answerText())), requestText());
      expect([answer.status, answer.body.toString()]).toEqual([200, 'ok']);
    },
  },
  refusing101('101-unasked', 'refuses a 101 that nobody asked for', ['Connection: Upgrade', 'Upgrade: websocket'], []),
  refusing101('101-bare', 'refuses a 101 without Upgrade', [], []),
  refusing101(
    '101-without-connection',
    'refuses a 101 whose Connection does not say Upgrade',
    ['Upgrade: websocket'],
    [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ],
  ),
  refusing101(
    '101-other-protocol',
    'refuses a 101 to another protocol than was asked for',
    ['Connection: Upgrade', 'Upgrade: h2c'],
    [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ],
  ),
];
