import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { systemClock, type Clock } from '@headgate/shared/clock';
import { ManualClock } from '@headgate/shared/manual-clock';
import type { HealthCheck } from '@headgate/shared/model/health-check';
import { NameTable, type ServerNames } from '../resolution/name-table.ts';
import type { Probe, ProbeResult } from './probe.ts';

/** A real server on loopback that does as it is told with each connection. */
export class RawServer {
  readonly #server: Server;
  readonly sockets = new Set<Socket>();
  /** What was received, connection by connection. */
  readonly received: string[] = [];
  connections = 0;

  private constructor(onConnection: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: false }, (socket) => {
      const index = this.connections++;
      this.received[index] = '';
      this.sockets.add(socket);
      socket.on('data', (chunk: Buffer) => (this.received[index] += chunk.toString('latin1')));
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
      onConnection(socket);
    });
  }

  static async start(onConnection: (socket: Socket) => void = () => undefined, host = '127.0.0.1'): Promise<RawServer> {
    const server = new RawServer(onConnection);
    server.#server.listen(0, host);
    await once(server.#server, 'listening');
    return server;
  }

  /** Answers every request with these bytes, and keeps the connection open. */
  static answering(bytes: string): Promise<RawServer> {
    return RawServer.start((socket) => socket.once('data', () => socket.write(bytes, 'latin1')));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export function runProbe(
  probe: Probe,
  options: {
    port: number;
    check: HealthCheck;
    clock?: Clock;
    signal?: AbortSignal;
    address?: string;
    names?: Pick<ServerNames, 'lookup'>;
  },
): Promise<ProbeResult | undefined> {
  const { lookup } = options.names ?? new NameTable();
  return probe({ address: '127.0.0.1', lookup, clock: systemClock, signal: new AbortController().signal, ...options });
}

/** Machines without IPv6, such as many containers, cannot show how it is probed. */
export const itWithIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((face) => face?.address === '::1')
  ? it
  : it.skip;

/** Resolves when `holds` does, which is asked at every turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What every kind of probe keeps. */
export function probeCases(name: string, probe: Probe, check: (settings?: Partial<HealthCheck>) => HealthCheck): void {
  describe(`${name} as a probe`, () => {
    it('says connect_failed when nobody listens', async () => {
      const server = await RawServer.start();
      const { port } = server;
      await server.close();
      const result = await runProbe(probe, { port, check: check() });
      expect(result).toEqual({ outcome: 'connect_failed', detail: 'no connection: ECONNREFUSED' });
    });

    it('stops at once without a result, leaving neither socket nor timer', async () => {
      const clock = new ManualClock();
      const server = await RawServer.start();
      const stop = new AbortController();
      const running = runProbe(probe, { port: server.port, check: check(), clock, signal: stop.signal });
      expect(clock.pending).toBe(1);
      stop.abort();
      expect(clock.pending).toBe(0);
      expect(await running).toBeUndefined();
      await until(() => server.sockets.size === 0);
      await server.close();
    });

    it('does not even begin when it was stopped before', async () => {
      const server = await RawServer.start();
      expect(await runProbe(probe, { port: server.port, check: check(), signal: AbortSignal.abort() })).toBeUndefined();
      expect(server.connections).toBe(0);
      await server.close();
    });

    it('says timeout when no connection comes about', async () => {
      const clock = new ManualClock();
      const server = await RawServer.start();
      // The clock is faster than any network: nothing has come back when the time is over.
      const running = runProbe(probe, { port: server.port, check: check({ timeoutMs: 500 }), clock });
      clock.advance(500);
      expect(await running).toEqual({ outcome: 'timeout', detail: 'no connection within 500 ms' });
      expect(clock.pending).toBe(0);
      await server.close();
    });

    it('leaves no listener on a signal that outlives it', async () => {
      const server = await RawServer.start((socket) => socket.destroy());
      const signal = new AbortController().signal;
      const listeners = new Set<unknown>();
      let added = 0;
      const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
      signal.addEventListener = (...args: Parameters<typeof add>) => {
        added++;
        listeners.add(args[1]);
        add(...args);
      };
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        listeners.delete(args[1]);
        remove(...args);
      };
      await runProbe(probe, { port: server.port, check: check(), signal });
      expect(added).toBe(1);
      expect(listeners.size).toBe(0);
      await server.close();
    });
  });
}
