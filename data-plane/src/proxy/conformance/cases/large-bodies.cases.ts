import type { ConformanceCase } from '../conformance-case.ts';
import { settled } from '../eventually.ts';
import type { OriginScript } from '../scripted-origin.ts';
import { patternBytes, requestText } from '../wire-text.ts';

const MIB = 1_048_576;
const SIZE = 48 * MIB;
/** What the buffers of the system may take on both connections; what goes beyond is in the forwarder's memory. */
const HELD_BACK = 24 * MIB;

const pouring =
  (bytes: Buffer, head: string): OriginScript =>
  async (connection) => {
    await connection.request();
    connection.send(head);
    await connection.pour(bytes);
  };

/** Takes a body of a known length, then answers. */
const taking: OriginScript = async (connection) => {
  await connection.head();
  await connection.take(SIZE);
  connection.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone');
};

const upload = requestText({ method: 'PUT', fields: [`Content-Length: ${SIZE}`] });

export const largeBodyCases: readonly ConformanceCase[] = [
  {
    id: 'large-bodies/slow-client',
    title: 'holds a server back while the client does not read, then passes all of it on',
    async run(stage) {
      const bytes = patternBytes(SIZE);
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`;
      const { client, origin } = await stage.serve(pouring(bytes, head));
      client.pause();
      client.send(requestText());
      const connection = await origin.connection(0);
      const accepted = await settled(() => connection.accepted, 'the server to be held back');
      expect(accepted).toBeLessThan(HELD_BACK);
      client.resume();
      expect((await client.patiently().response()).body.equals(bytes)).toBe(true);
    },
  },
  {
    id: 'large-bodies/slow-server',
    title: 'holds a client back while the server does not read, then passes all of it on',
    async run(stage) {
      const bytes = patternBytes(SIZE);
      const { client, origin } = await stage.serve(async (connection, index) => {
        connection.pause();
        await taking(connection, index);
      });
      client.send(upload);
      const sending = client.pour(bytes);
      const connection = await origin.connection(0);
      const accepted = await settled(() => client.accepted, 'the client to be held back');
      expect(accepted).toBeLessThan(HELD_BACK);
      connection.resume();
      await sending;
      expect((await client.patiently().response('PUT')).body.toString()).toBe('done');
      const body = connection.received.bytes(connection.received.length - SIZE);
      expect(body.equals(bytes)).toBe(true);
    },
  },
  {
    id: 'large-bodies/slow-client-leaves',
    title: 'lets go of everything when a client that was held back leaves',
    async run(stage) {
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`;
      const { client, origin, forwarder } = await stage.serve(pouring(Buffer.alloc(SIZE), head));
      client.pause();
      client.send(requestText());
      const connection = await origin.connection(0);
      await settled(() => connection.accepted, 'the server to be held back');
      client.reset();
      await connection.closed();
      await stage.idle(forwarder);
    },
  },
  {
    id: 'large-bodies/both-ways',
    title: 'passes a body on while its answer comes already',
    async run(stage) {
      const bytes = patternBytes(8 * MIB);
      const { client } = await stage.serve(async (connection) => {
        await connection.head();
        connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`);
        for (let at = 0; at < bytes.length; at += MIB) await connection.pour(await connection.take(MIB));
      });
      client.send(requestText({ method: 'POST', fields: [`Content-Length: ${bytes.length}`] }));
      const sending = client.pour(bytes);
      expect((await client.patiently().response('POST')).body.equals(bytes)).toBe(true);
      await sending;
    },
  },
  {
    id: 'large-bodies/chunked',
    title: 'passes 8 MiB in chunks on, both ways',
    async run(stage) {
      const piece = patternBytes(MIB);
      const chunk = Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')]);
      const eight = Buffer.concat([...Array.from({ length: 8 }, () => chunk), Buffer.from('0\r\n\r\n')]);
      const { client, origin } = await stage.serve(async (connection) => {
        await connection.request();
        connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        await connection.pour(eight);
      });
      client.send(requestText({ method: 'POST', fields: ['Transfer-Encoding: chunked'] }));
      const sending = client.pour(eight);
      const answer = await client.patiently().response('POST');
      await sending;
      const expected = Buffer.concat(Array.from({ length: 8 }, () => piece));
      expect([answer.body.equals(expected), origin.requests[0]?.body.equals(expected)]).toEqual([true, true]);
    },
  },
];
