import type { ConformanceCase } from '../conformance-case.ts';
import { answering, echoing } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import { membersOf, valueOf, valuesOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

/** Fields that a request or an answer must lose (RFC 9110, 7.6.1), however they are spelled. */
const stripped = (id: string, title: string, lines: readonly string[], gone: readonly string[]): ConformanceCase => ({
  id: `hop-by-hop/${id}`,
  title,
  async run(stage) {
    const scene = await stage.serve(answering(answerText({ fields: lines })));
    const { seen, answer } = await relay(scene, requestText({ fields: lines }));
    for (const message of [seen, answer]) {
      expect(gone.flatMap((name) => valuesOf(message, name))).toEqual([]);
      expect(membersOf(message, 'connection').filter((member) => !['keep-alive', 'close'].includes(member))).toEqual(
        [],
      );
      expect(valueOf(message, 'x-kept')).toBe('1');
    }
  },
});

const both: readonly ConformanceCase[] = [
  stripped(
    'named',
    'removes fields that Connection names, both ways',
    ['Connection: X-Hop', 'X-Hop: 1', 'X-Kept: 1'],
    ['x-hop'],
  ),
  stripped(
    'named-in-list',
    'removes every field of a list in Connection',
    ['X-Hop-A: 1', 'Connection: x-hop-a ,, X-HOP-B,\tX-Hop-C', 'X-Hop-B: 2', 'X-Kept: 1', 'x-hop-c: 3'],
    ['x-hop-a', 'x-hop-b', 'x-hop-c'],
  ),
  stripped(
    'named-in-two-lines',
    'removes what any of several Connection fields names',
    ['Connection: X-Hop-A', 'X-Hop-A: 1', 'X-Hop-B: 2', 'connection: X-Hop-B', 'X-Kept: 1'],
    ['x-hop-a', 'x-hop-b'],
  ),
  stripped(
    'named-repeated',
    'removes every line of a field that Connection names',
    ['X-Hop: 1', 'X-Hop: 2', 'Connection: X-Hop', 'X-Hop: 3', 'X-Kept: 1'],
    ['x-hop'],
  ),
  stripped(
    'well-known',
    'removes Keep-Alive and Proxy-Connection without being told',
    ['Keep-Alive: timeout=77', 'Proxy-Connection: keep-alive', 'X-Kept: 1'],
    ['proxy-connection'],
  ),
];

/** A client must not be able to name away what the forwarder itself says. */
const protectedField = (name: string): ConformanceCase => ({
  id: `hop-by-hop/named-${name.toLowerCase()}`,
  title: `keeps its own ${name} when a client names it in Connection`,
  async run(stage) {
    const fields = [`Connection: close, ${name}`];
    const { seen } = await relay(await stage.serve(answering()), requestText({ fields }));
    expect(valuesOf(seen, name)).not.toEqual([]);
  },
});

const requests: readonly ConformanceCase[] = [
  ...['Host', 'Via', 'X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Real-IP'].map(protectedField),
  {
    id: 'hop-by-hop/named-content-length',
    title: 'keeps the body of a request whole when Connection names Content-Length',
    async run(stage) {
      const scene = await stage.serve(echoing);
      const fields = ['Connection: Content-Length'];
      const { seen } = await relay(scene, requestText({ method: 'POST', fields, body: 'hello' }));
      expect(seen.body.toString()).toBe('hello');
    },
  },
  {
    id: 'hop-by-hop/named-transfer-encoding',
    title: 'keeps the body of a request whole when Connection names Transfer-Encoding',
    async run(stage) {
      const fields = ['Connection: Transfer-Encoding', 'Transfer-Encoding: chunked'];
      const text = `${requestText({ method: 'POST', fields })}5\r\nhello\r\n0\r\n\r\n`;
      expect((await relay(await stage.serve(echoing), text)).seen.body.toString()).toBe('hello');
    },
  },
  {
    id: 'hop-by-hop/te',
    title: 'passes no TE on but trailers, and that for itself only',
    async run(stage) {
      const fields = ['Connection: TE', 'TE: gzip, trailers;q=0.5'];
      const { seen } = await relay(await stage.serve(answering()), requestText({ fields }));
      expect(membersOf(seen, 'te').filter((member) => member !== 'trailers')).toEqual([]);
      if (valuesOf(seen, 'te').length > 0) expect(membersOf(seen, 'connection')).toContain('te');
    },
  },
  {
    id: 'hop-by-hop/upgrade-h2c',
    title: 'never forwards an upgrade to h2c',
    async run(stage) {
      const fields = [
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
      ];
      const { seen, answer } = await relay(await stage.serve(answering()), requestText({ fields }));
      expect([...valuesOf(seen, 'upgrade'), ...valuesOf(seen, 'http2-settings')]).toEqual([]);
      expect(membersOf(seen, 'connection')).not.toContain('upgrade');
      expect(answer.status).toBe(200);
    },
  },
  {
    id: 'hop-by-hop/upgrade-other',
    title: 'never forwards an upgrade to a protocol that it does not know',
    async run(stage) {
      const fields = ['Connection: Upgrade', 'Upgrade: IRC/6.9, TLS/1.3'];
      const scene = await stage.serve(answering());
      const { seen, answer } = await relay(scene, requestText({ fields }));
      expect([...valuesOf(seen, 'upgrade'), answer.status]).toEqual([200]);
      expect((await relay(scene, requestText({ target: '/next' }))).seen.target).toBe('/next');
    },
  },
  {
    id: 'hop-by-hop/upgrade-not-in-connection',
    title: 'takes an Upgrade that Connection does not name for none',
    async run(stage) {
      const fields = ['Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'];
      const { seen, answer } = await relay(await stage.serve(answering()), requestText({ fields }));
      expect([...valuesOf(seen, 'upgrade'), answer.status]).toEqual([200]);
    },
  },
];

const answers: readonly ConformanceCase[] = [
  {
    id: 'hop-by-hop/answer-names-content-length',
    title: 'keeps an answer whole when its Connection names Content-Length',
    async run(stage) {
      const { client } = await stage.serve(
        answering(answerText({ fields: ['Connection: Content-Length'], body: 'hello' })),
      );
      expect((await client.ask(requestText())).body.toString()).toBe('hello');
    },
  },
  {
    id: 'hop-by-hop/answer-upgrade',
    title: 'removes Upgrade from an answer that upgrades nothing',
    async run(stage) {
      const fields = ['Connection: Upgrade', 'Upgrade: h2c'];
      const { answer } = await relay(await stage.serve(answering(answerText({ fields }))), requestText());
      expect(valuesOf(answer, 'upgrade')).toEqual([]);
    },
  },
  {
    id: 'hop-by-hop/answer-keep-alive',
    title: "does not pass a server's Keep-Alive on",
    async run(stage) {
      const fields = ['Keep-Alive: timeout=7777, max=3'];
      const { answer } = await relay(await stage.serve(answering(answerText({ fields }))), requestText());
      expect(valuesOf(answer, 'keep-alive').join()).not.toContain('7777');
    },
  },
];

export const hopByHopCases = [...both, ...requests, ...answers];
