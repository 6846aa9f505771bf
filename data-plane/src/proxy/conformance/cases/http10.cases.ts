import type { ConformanceCase } from '../conformance-case.ts';
import { answering, answeringInTurn } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import { membersOf, valuesOf } from '../wire-message.ts';
import { answerText, chunkedText, requestText } from '../wire-text.ts';

const CHUNKED = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedText(['hello', ', world'], ['X-T: 1'])}`;
const old = (fields: readonly string[] = []): string => requestText({ version: '1.0', fields });

export const http10Cases: readonly ConformanceCase[] = [
  {
    id: 'http10/close',
    title: 'closes after the answer to HTTP/1.0',
    async run(stage) {
      const { client } = await stage.serve(answering());
      expect((await client.ask(old())).body.toString()).toBe('ok');
      expect(await client.closed()).toBe('end');
    },
  },
  {
    id: 'http10/keep-alive',
    title: 'keeps the connection of an HTTP/1.0 client only when both say so',
    async run(stage) {
      const { client } = await stage.serve(answering());
      const answer = await client.ask(old(['Connection: keep-alive']));
      expect(answer.body.toString()).toBe('ok');
      if (!membersOf(answer, 'connection').includes('keep-alive')) return void (await client.closed());
      expect((await client.ask(old(['Connection: keep-alive']))).body.toString()).toBe('ok');
      expect((await client.ask(old())).body.toString()).toBe('ok');
      await client.closed();
    },
  },
  {
    id: 'http10/no-chunks',
    title: 'never sends chunks to HTTP/1.0',
    async run(stage) {
      const { client } = await stage.serve(answering(CHUNKED));
      const answer = await client.ask(old());
      expect(answer.framing).not.toBe('chunked');
      expect(valuesOf(answer, 'transfer-encoding')).toEqual([]);
      expect(answer.body.toString()).toBe('hello, world');
      expect(await client.closed()).toBe('end');
    },
  },
  {
    id: 'http10/no-chunks-keep-alive',
    title: 'never sends chunks to HTTP/1.0 that wants to stay, and tells the end of the answer all the same',
    async run(stage) {
      const { client } = await stage.serve(answering(CHUNKED));
      const answer = await client.ask(old(['Connection: keep-alive']));
      expect(answer.framing).not.toBe('chunked');
      expect(answer.body.toString()).toBe('hello, world');
      if (answer.framing === 'close') expect(membersOf(answer, 'connection')).not.toContain('keep-alive');
    },
  },
  {
    id: 'http10/close-delimited',
    title: 'passes an answer that ends with the connection on to HTTP/1.0',
    async run(stage) {
      const { client } = await stage.serve(answeringInTurn('HTTP/1.1 200 OK\r\n\r\nhello'));
      expect((await client.ask(old())).body.toString()).toBe('hello');
    },
  },
  {
    id: 'http10/to-server',
    title: 'speaks HTTP/1.1 to the server for an HTTP/1.0 client, and uses the connection again',
    async run(stage) {
      const scene = await stage.serve(answering());
      const { seen } = await relay(scene, old());
      expect([seen.version, membersOf(seen, 'connection').includes('close')]).toEqual(['1.1', false]);
      expect((await (await stage.client(scene.forwarder)).ask(old())).status).toBe(200);
      expect(scene.origin.connections).toHaveLength(1);
    },
  },
  {
    id: 'http10/body',
    title: 'forwards the body of an HTTP/1.0 request',
    async run(stage) {
      const scene = await stage.serve(answering());
      const { seen } = await relay(scene, requestText({ method: 'POST', version: '1.0', body: 'hello' }));
      expect(seen.body.toString()).toBe('hello');
    },
  },
  {
    id: 'http10/head',
    title: 'closes after the answer to an HTTP/1.0 HEAD, without body',
    async run(stage) {
      const { client } = await stage.serve(answering('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'));
      expect((await client.ask(requestText({ method: 'HEAD', version: '1.0' }))).framing).toBe('none');
      await client.closed();
      expect(client.unread).toBe('');
    },
  },
  {
    id: 'http10/upgrade',
    title: 'takes no upgrade from HTTP/1.0',
    async run(stage) {
      const fields = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
      const { seen, answer } = await relay(await stage.serve(answering(answerText())), old(fields));
      expect([valuesOf(seen, 'upgrade').length, answer.status]).toEqual([0, 200]);
    },
  },
];
