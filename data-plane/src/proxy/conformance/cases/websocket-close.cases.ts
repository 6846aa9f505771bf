import type { ConformanceCase } from '../conformance-case.ts';
import { openTunnel, type OpenTunnel } from '../open-tunnel.ts';
import { patternBytes } from '../wire-text.ts';

/** Nothing is left of a tunnel once one side has gone. */
const ends = (
  id: string,
  title: string,
  leave: (tunnel: OpenTunnel) => void,
  other: 'client' | 'server',
): ConformanceCase => ({
  id: `websocket-close/${id}`,
  title,
  async run(stage) {
    const tunnel = await openTunnel(stage);
    tunnel.client.send('ping');
    expect((await tunnel.server.take(4)).toString()).toBe('ping');
    leave(tunnel);
    await tunnel[other].closed();
    await stage.idle(tunnel.forwarder);
    expect(tunnel.forwarder.accessLines.map((line) => [line.status, line.outcome])).toEqual([[101, 'tunnel_closed']]);
  },
});

export const webSocketCloseCases: readonly ConformanceCase[] = [
  ends('client-fin', 'ends when the client closes', ({ client }) => client.end(), 'server'),
  ends('server-fin', 'ends when the server closes', ({ server }) => server.end(), 'client'),
  ends('client-reset', 'ends when the client resets', ({ client }) => client.reset(), 'server'),
  ends('server-reset', 'ends when the server resets', ({ server }) => server.reset(), 'client'),
  {
    id: 'websocket-close/client-half-close',
    title: 'passes on what a server still sends after the client has said its last',
    async run(stage) {
      const { client, server } = await openTunnel(stage);
      [client.halfOpen, server.halfOpen] = [true, true];
      client.send('last words');
      client.end();
      await server.closed();
      expect(server.unread).toBe('last words');
      const rest = patternBytes(100_000);
      server.send(rest);
      server.end();
      expect((await client.takeRest()).equals(rest)).toBe(true);
    },
  },
  {
    id: 'websocket-close/server-half-close',
    title: 'passes on what a client still sends after the server has said its last',
    async run(stage) {
      const { client, server } = await openTunnel(stage);
      [client.halfOpen, server.halfOpen] = [true, true];
      server.send('last words');
      server.end();
      await client.closed();
      expect(client.unread).toBe('last words');
      const rest = patternBytes(100_000);
      client.send(rest);
      client.end();
      expect((await server.takeRest()).equals(rest)).toBe(true);
    },
  },
  {
    id: 'websocket-close/idle',
    title: 'closes both sides of a tunnel that is idle for too long',
    async run(stage) {
      const { client, server, forwarder } = await openTunnel(stage, { backend: { timeouts: { tunnelIdle: '1s' } } });
      await Promise.all([client.closed(), server.closed()]);
      await stage.idle(forwarder);
    },
  },
  {
    id: 'websocket-close/not-idle',
    title: 'keeps a tunnel in which only one side talks, whatever the time limits of requests are',
    async run(stage) {
      const options = {
        backend: { timeouts: { tunnelIdle: '1s', firstByte: '400ms', idle: '400ms' } },
        limits: { keepAliveTimeoutMs: 400, headerTimeoutMs: 400 },
      };
      const { client, server } = await openTunnel(stage, options);
      await server.drip('123456', 250);
      client.send('still here');
      expect((await server.take(10)).toString()).toBe('still here');
      expect((await client.take(6)).toString()).toBe('123456');
    },
  },
];
