import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { ManualClock } from '@headgate/shared/manual-clock';
import { eventually } from '../conformance/eventually.ts';
import type { UpstreamFailure } from '../forwarder.ts';
import { NameTable } from '../../resolution/name-table.ts';
import { ServerSlots, type ServerSlot } from '../../upstream/server-slots.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { ServerConnections } from './server-connections.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

let server: Server;
let accepted: Socket[];
let clock: ManualClock;
let slots: ServerSlots;
let slot: ServerSlot;
let pool: ConnectionPool;

const user = { cut: (): void => undefined };
const never = new AbortController().signal;

beforeEach(async () => {
  accepted = [];
  server = createServer((socket) => accepted.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  clock = new ManualClock();
  slots = new ServerSlots();
  const { port } = server.address() as { port: number };
  slot = slots.acquire({ key: 'web/a', backend: 'web', address: '127.0.0.1', port });
  pool = new ConnectionPool({ clock, slots, names: new NameTable(), maxIdlePerServer: 2 });
});

afterEach(async () => {
  pool.close();
  for (const socket of accepted) socket.destroy();
  server.close();
  await once(server, 'close');
});

function connect(connections: ServerConnections): Promise<UpstreamConnection> {
  return new Promise((resolve, reject) => {
    connections.connect({ timeoutMs: 3_000, connected: resolve, failed: (failure) => reject(new Error(failure)) });
  });
}

/** Connections that have been used and come free, in this order. */
async function idle(count: number): Promise<readonly [ServerConnections, UpstreamConnection[]]> {
  const connections = pool.enter(slot, user, never);
  const made: UpstreamConnection[] = [];
  for (let index = 0; index < count; index++) made.push(await connect(connections));
  for (const connection of made) connection.socket.emit('free');
  return [connections, made];
}

describe('ConnectionPool', () => {
  it('takes the connection that was used last, and knows that it was used', async () => {
    const [connections, [first, second]] = await idle(2);
    expect(connections.takeIdle()).toBe(second);
    expect(connections.takeIdle()).toBe(first);
    expect([first?.reused, connections.takeIdle()]).toEqual([true, undefined]);
  });

  it('keeps no more than it may', async () => {
    const [connections, made] = await idle(3);
    expect([connections.idleCount, made[2]?.socket.destroyed]).toEqual([2, true]);
  });

  it('closes what has been idle for 4 s, each at its time', async () => {
    const [connections, [first, second]] = await idle(2);
    clock.advance(3_000);
    connections.takeIdle()?.socket.emit('free');
    clock.advance(1_000);
    expect([first?.socket.destroyed, second?.socket.destroyed]).toEqual([true, false]);
    clock.advance(3_000);
    expect(second?.socket.destroyed).toBe(true);
    await eventually(() => connections.idleCount === 0, 'the pool to be empty');
    expect(clock.pending).toBe(0);
  });

  it('never hands out what has come of age, though no timer has rung', async () => {
    const [connections, [first]] = await idle(1);
    first!.idleLimitMs = 1_000;
    clock.advance(1_000);
    expect(connections.takeIdle()).toBeUndefined();
    expect(first?.socket.destroyed).toBe(true);
  });

  it('closes a connection on which something comes unasked', async () => {
    const [connections, [first]] = await idle(1);
    await eventually(() => accepted.length === 1, 'the connection');
    accepted[0]!.write('HTTP/1.1 200 OK\r\n\r\n');
    await eventually(() => first?.socket.destroyed === true, 'the connection to be closed');
    expect(connections.takeIdle()).toBeUndefined();
  });

  it('closes a connection that the server ends', async () => {
    const [connections, [first]] = await idle(1);
    await eventually(() => accepted.length === 1, 'the connection');
    accepted[0]!.end();
    await eventually(() => first?.socket.destroyed === true, 'the connection to be closed');
    expect(connections.idleCount).toBe(0);
  });

  it('survives a reset of a connection that nobody uses', async () => {
    const [connections] = await idle(1);
    await eventually(() => accepted.length === 1, 'the connection');
    accepted[0]!.resetAndDestroy();
    await eventually(() => connections.idleCount === 0, 'the connection to be gone');
  });

  it('drops the connections of a server that has left, and keeps none that comes free later', async () => {
    const [connections, [first]] = await idle(1);
    const busy = await connect(connections);
    slots.begin(slot);
    slots.retire(slot.key);
    busy.socket.emit('free');
    expect(busy.socket.destroyed).toBe(true);
    slots.end(slot);
    expect(first?.socket.destroyed).toBe(true);
  });

  it('forgets a server that nobody uses and that has no connection', async () => {
    const [connections, [first]] = await idle(1);
    connections.leave(user);
    expect(pool.size).toBe(1);
    first!.socket.destroy();
    await eventually(() => pool.size === 0, 'the server to be forgotten');
  });

  it('cuts everybody who uses a server, by one signal, and those who come later by the next', () => {
    const cut: string[] = [];
    const [before, after] = [new AbortController(), new AbortController()];
    const entering = (name: string, signal: AbortSignal): void =>
      void pool.enter(slot, { cut: () => cut.push(name) }, signal);
    entering('one', before.signal);
    entering('two', before.signal);
    before.abort();
    expect(cut).toEqual(['one', 'two']);
    entering('three', after.signal);
    after.abort();
    expect(cut.slice(2)).toContain('three');
  });

  it('says that a connection is refused, once', async () => {
    const gone = slots.acquire({ key: 'web/b', backend: 'web', address: '127.0.0.1', port: 1 });
    await expect(connect(pool.enter(gone, user, never))).rejects.toThrow('connect_failed');
    expect(clock.pending).toBe(0);
  });

  it('gives up on a connection without a word when it is told to', async () => {
    const said: (UpstreamFailure | 'connected')[] = [];
    const connections = pool.enter(slot, user, never);
    const giveUp = connections.connect({
      timeoutMs: 10,
      connected: () => said.push('connected'),
      failed: (failure) => said.push(failure),
    });
    giveUp();
    clock.advance(10);
    await connect(connections);
    expect([said, clock.pending]).toEqual([[], 0]);
  });
});
