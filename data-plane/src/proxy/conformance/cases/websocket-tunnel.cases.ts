import type { ConformanceCase } from '../conformance-case.ts';
import { settled } from '../eventually.ts';
import { openTunnel } from '../open-tunnel.ts';
import { accepting, webSocketAnswer, webSocketRequest } from '../web-socket-text.ts';
import { patternBytes } from '../wire-text.ts';

const MIB = 1_048_576;
const MUCH = 48 * MIB;
const HELD_BACK = 24 * MIB;

export const webSocketTunnelCases: readonly ConformanceCase[] = [
  {
    id: 'websocket-tunnel/bytes',
    title: 'passes every byte on unchanged, both ways',
    async run(stage) {
      const { client, server } = await openTunnel(stage);
      const bytes = patternBytes(300_001);
      client.send(bytes);
      server.send(bytes);
      expect((await server.take(bytes.length)).equals(bytes)).toBe(true);
      expect((await client.take(bytes.length)).equals(bytes)).toBe(true);
    },
  },
  {
    id: 'websocket-tunnel/turns',
    title: 'passes each byte on at once',
    async run(stage) {
      const { client, server } = await openTunnel(stage);
      for (let turn = 0; turn < 50; turn++) {
        client.send('a');
        expect((await server.take(1)).toString()).toBe('a');
        server.send('b');
        expect((await client.take(1)).toString()).toBe('b');
      }
    },
  },
  {
    id: 'websocket-tunnel/first-bytes-of-client',
    title: 'loses nothing that a client sends in one piece with its handshake',
    async run(stage) {
      const { client, origin } = await stage.serve(accepting);
      client.send(`${webSocketRequest()}early`);
      expect((await client.response()).status).toBe(101);
      expect((await (await origin.connection(0)).take(5)).toString()).toBe('early');
    },
  },
  {
    id: 'websocket-tunnel/first-bytes-of-server',
    title: 'loses nothing that a server sends in one piece with its 101',
    async run(stage) {
      const { client } = await stage.serve(async (connection) => {
        await connection.head();
        connection.send(`${webSocketAnswer()}hello from the server`);
      });
      expect((await client.ask(webSocketRequest())).status).toBe(101);
      expect((await client.take(21)).toString()).toBe('hello from the server');
    },
  },
  {
    id: 'websocket-tunnel/no-http-inside',
    title: 'does not read what looks like HTTP inside a tunnel',
    async run(stage) {
      const { client, server, origin } = await openTunnel(stage);
      const text = 'GET /inner HTTP/1.1\r\nHost : broken\r\n\r\n';
      client.send(text);
      expect((await server.take(text.length)).toString()).toBe(text);
      expect(origin.connections).toHaveLength(1);
    },
  },
  {
    id: 'websocket-tunnel/slow-client',
    title: 'holds a server back while the client does not read',
    async run(stage) {
      const { client, server } = await openTunnel(stage);
      client.pause();
      const bytes = patternBytes(MUCH);
      const sending = server.pour(bytes);
      expect(await settled(() => server.accepted, 'the server to be held back')).toBeLessThan(HELD_BACK);
      client.resume();
      expect((await client.patiently().take(MUCH)).equals(bytes)).toBe(true);
      await sending;
    },
  },
  {
    id: 'websocket-tunnel/slow-server',
    title: 'holds a client back while the server does not read',
    async run(stage) {
      const { client, server, forwarder } = await openTunnel(stage);
      server.pause();
      const sending = client.pour(Buffer.alloc(MUCH));
      expect(await settled(() => client.accepted, 'the client to be held back')).toBeLessThan(HELD_BACK);
      server.reset();
      await client.closed();
      client.destroy();
      await sending;
      await stage.idle(forwarder);
    },
  },
  {
    id: 'websocket-tunnel/many',
    title: 'keeps 32 tunnels apart',
    async run(stage) {
      const { forwarder } = await stage.serve(async (connection) => {
        await accepting(connection, 0);
        for (;;) connection.send(await connection.take(8));
      });
      const one = async (name: number): Promise<string> => {
        const client = await stage.client(forwarder);
        expect((await client.ask(webSocketRequest())).status).toBe(101);
        for (let turn = 0; turn < 10; turn++) client.send(`${name}.${turn}`.padEnd(8));
        return (await client.take(80)).toString();
      };
      const all = await Promise.all(Array.from({ length: 32 }, (_, name) => one(name)));
      const expected = (name: number): string =>
        Array.from({ length: 10 }, (_, turn) => `${name}.${turn}`.padEnd(8)).join('');
      expect(all).toEqual(all.map((_, name) => expected(name)));
      expect(forwarder.open.tunnels).toBe(32);
    },
  },
];
