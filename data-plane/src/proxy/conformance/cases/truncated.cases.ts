import type { ConformanceCase } from '../conformance-case.ts';
import type { OriginConnection } from '../scripted-origin.ts';
import { requestText } from '../wire-text.ts';
import { WireCut } from '../wire-end.ts';

const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello';
const CHUNKS = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';
const endings = {
  end: (connection: OriginConnection) => connection.end(),
  reset: (connection: OriginConnection) => connection.reset(),
};

/** The server's part of an answer, after which it goes in one of two ways. The client must see that the rest is missing. */
const truncated = (id: string, title: string, part: string, ending: keyof typeof endings): ConformanceCase => ({
  id: `truncated/${id}-${ending}`,
  title: `${title} as truncated (${ending})`,
  async run(stage) {
    const { client, origin, forwarder } = await stage.serve(async (connection) => {
      await connection.request();
      connection.send(part);
    });
    client.send(requestText());
    const whole = client.response();
    await client.until(() => client.received.text().includes('hello'), 'the beginning of the body');
    endings[ending](await origin.connection(0));
    await expect(whole).rejects.toThrow(WireCut);
    await stage.idle(forwarder);
    expect(forwarder.accessLines.map((line) => line.outcome)).toEqual(['truncated']);
  },
});

export const truncatedCases: readonly ConformanceCase[] = [
  truncated('length', 'shows an answer that is shorter than its length', LENGTH, 'end'),
  truncated('length', 'shows an answer that is shorter than its length', LENGTH, 'reset'),
  truncated('chunks', 'shows an answer without its last chunk', CHUNKS, 'end'),
  truncated('chunks', 'shows an answer without its last chunk', CHUNKS, 'reset'),
  {
    id: 'truncated/inside-chunk',
    title: 'shows an answer that ends inside a chunk as truncated',
    async run(stage) {
      const { client } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send(`${CHUNKS}ff\r\nmore`);
        connection.end();
      });
      await expect(client.ask(requestText())).rejects.toThrow(WireCut);
    },
  },
  {
    id: 'truncated/bad-chunk',
    title: 'shows an answer with an invalid chunk as truncated, and passes nothing of what follows on',
    async run(stage) {
      const { client, forwarder } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send(CHUNKS);
        await client.until(() => client.received.text().includes('hello'), 'the first chunk');
        connection.send('zz\r\nstray\r\n0\r\n\r\n');
      });
      await expect(client.ask(requestText())).rejects.toThrow(WireCut);
      expect(client.received.text()).not.toContain('stray');
      await stage.idle(forwarder);
    },
  },
  {
    id: 'truncated/close-delimited-reset',
    title: 'shows an answer that ends with the connection as truncated when that is reset',
    async run(stage) {
      const { client } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\n\r\nhello');
        await client.until(() => client.received.text().includes('hello'), 'the body');
        connection.reset();
      });
      await expect(client.ask(requestText())).rejects.toThrow(WireCut);
    },
  },
  {
    id: 'truncated/http10-client',
    title: 'resets the connection of an HTTP/1.0 client whose chunked answer breaks off, as nothing else can tell it',
    async run(stage) {
      const { client } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send(CHUNKS);
        await client.until(() => client.received.text().includes('hello'), 'the first chunk');
        connection.end();
      });
      await expect(client.ask(requestText({ version: '1.0' }))).rejects.toThrow(WireCut);
      expect(client.ending).toBe('reset');
    },
  },
  {
    id: 'truncated/request',
    title: 'never completes a request whose client stopped in the middle of the body',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(async (connection) => void (await connection.request()));
      client.send(`${requestText({ method: 'POST', fields: ['Content-Length: 100'] })}hello`);
      const connection = await origin.connection(0);
      await connection.until(() => connection.received.text().includes('hello'), 'the beginning of the body');
      client.end();
      await connection.closed();
      await stage.idle(forwarder);
      expect(origin.requests).toEqual([]);
    },
  },
  {
    id: 'truncated/request-chunks',
    title: 'never completes a chunked request whose client went before the last chunk',
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(async (connection) => void (await connection.request()));
      client.send(`${requestText({ method: 'POST', fields: ['Transfer-Encoding: chunked'] })}5\r\nhello\r\n`);
      const connection = await origin.connection(0);
      await connection.until(() => connection.received.text().includes('hello'), 'the first chunk');
      client.end();
      await connection.closed();
      await stage.idle(forwarder);
      expect(origin.requests).toEqual([]);
    },
  },
];
