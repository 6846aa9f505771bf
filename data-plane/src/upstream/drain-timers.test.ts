import { createServer, connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setImmediate as immediately } from 'node:timers/promises';
import { ManualClock } from '@headgate/shared/manual-clock';
import { DrainTimers } from './drain-timers.ts';
import { ServerSlots } from './server-slots.ts';

const identity = { key: 'web/10.0.0.1:80', backend: 'web', address: '10.0.0.1', port: 80 };

function setUp() {
  const slots = new ServerSlots();
  const clock = new ManualClock();
  const drains = new DrainTimers({ slots, clock });
  const server = slots.acquire(identity);
  const leave = (drainMs: number) => {
    slots.retire(server.key);
    drains.drain(server, drainMs);
  };
  return { slots, clock, drains, server, leave };
}

describe('DrainTimers', () => {
  it('cuts what is in flight when the drain time is over, and not before', () => {
    const { slots, clock, drains, server, leave } = setUp();
    slots.begin(server);
    const signal = drains.cutSignal(server);
    leave(5_000);
    clock.advance(4_999);
    expect(signal.aborted).toBe(false);
    clock.advance(1);
    expect(signal.aborted).toBe(true);
  });

  it('hands an aborted signal to whoever asks after the cut', () => {
    const { slots, clock, drains, server, leave } = setUp();
    slots.begin(server);
    leave(5_000);
    clock.advance(5_000);
    expect(drains.cutSignal(server).aborted).toBe(true);
  });

  it('leaves neither timer nor signal when the last request ends in time', () => {
    const { slots, clock, drains, server, leave } = setUp();
    slots.begin(server);
    slots.begin(server);
    const signal = drains.cutSignal(server);
    leave(5_000);
    slots.end(server);
    expect([clock.pending, drains.draining]).toEqual([1, 1]);
    slots.end(server);
    expect([clock.pending, drains.draining]).toEqual([0, 0]);
    expect(signal.aborted).toBe(false);
  });

  it('starts no timer for a server with nothing in flight', () => {
    const { clock, drains, leave } = setUp();
    leave(5_000);
    expect([clock.pending, drains.draining]).toEqual([0, 0]);
  });

  it('spares a server that comes back in time', () => {
    const { slots, clock, drains, server, leave } = setUp();
    slots.begin(server);
    const signal = drains.cutSignal(server);
    leave(5_000);
    slots.acquire(identity);
    drains.keepReturned();
    clock.advance(10_000);
    expect(signal.aborted).toBe(false);
    expect(clock.pending).toBe(0);
    expect(drains.cutSignal(server)).toBe(signal);
  });

  it('gives a server that comes back after the cut a new signal', () => {
    const { slots, clock, drains, server, leave } = setUp();
    slots.begin(server);
    leave(5_000);
    clock.advance(5_000);
    slots.acquire(identity);
    drains.keepReturned();
    expect(drains.cutSignal(server).aborted).toBe(false);
  });

  describe('of a disabled server', () => {
    const disable = ({ slots, drains, server }: ReturnType<typeof setUp>) => {
      slots.suspend(server);
      drains.drain(server, 5_000);
    };

    it('cuts what is left when the time is over, and leaves nothing behind when that has ended', () => {
      const stage = setUp();
      const { slots, clock, drains, server } = stage;
      slots.begin(server);
      const signal = drains.cutSignal(server);
      disable(stage);
      clock.advance(4_999);
      expect(signal.aborted).toBe(false);
      clock.advance(1);
      expect(signal.aborted).toBe(true);
      slots.end(server);
      expect([clock.pending, drains.draining]).toEqual([0, 0]);
      slots.resume(server);
      expect(drains.cutSignal(server).aborted).toBe(false);
    });

    it('leaves no timer when all ends in time, or nothing was under way', () => {
      const stage = setUp();
      stage.slots.begin(stage.server);
      disable(stage);
      stage.slots.end(stage.server);
      expect([stage.clock.pending, stage.drains.draining]).toEqual([0, 0]);
      disable(stage);
      expect([stage.clock.pending, stage.drains.draining]).toEqual([0, 0]);
    });

    it('spares what is under way when the server is enabled in time', () => {
      const stage = setUp();
      const { slots, clock, drains, server } = stage;
      slots.begin(server);
      const signal = drains.cutSignal(server);
      disable(stage);
      drains.keepReturned();
      expect(drains.draining).toBe(1);
      slots.resume(server);
      drains.keepReturned();
      clock.advance(10_000);
      expect([signal.aborted, clock.pending]).toEqual([false, 0]);
    });

    it('gives a server that leaves then no new time', () => {
      const stage = setUp();
      const { slots, clock, drains, server, leave } = stage;
      slots.begin(server);
      const signal = drains.cutSignal(server);
      disable(stage);
      clock.advance(3_000);
      leave(5_000);
      clock.advance(2_000);
      expect(signal.aborted).toBe(true);
      slots.end(server);
      expect([slots.size, clock.pending, drains.draining]).toEqual([0, 0, 0]);
    });
  });

  it('keeps nobody else when one server comes back', () => {
    const { slots, clock, drains, server, leave } = setUp();
    const other = slots.acquire({ ...identity, key: 'web/10.0.0.1:81', port: 81 });
    slots.begin(server);
    slots.begin(other);
    leave(5_000);
    slots.retire(other.key);
    drains.drain(other, 5_000);
    slots.acquire(identity);
    drains.keepReturned();
    clock.advance(5_000);
    expect([drains.cutSignal(server).aborted, drains.cutSignal(other).aborted]).toEqual([false, true]);
    expect(drains.draining).toBe(1);
    slots.end(other);
    expect(drains.draining).toBe(0);
  });

  it('shares one signal per server and gives another server its own', () => {
    const { slots, drains, server } = setUp();
    const other = slots.acquire({ ...identity, key: 'web/10.0.0.1:81', port: 81 });
    expect(drains.cutSignal(server)).toBe(drains.cutSignal(server));
    expect(drains.cutSignal(other)).not.toBe(drains.cutSignal(server));
  });

  it('does not carry a signal over to the server that takes a slot over', () => {
    const { slots, clock, drains, server, leave } = setUp();
    slots.begin(server);
    leave(5_000);
    clock.advance(5_000);
    slots.end(server);
    const successor = slots.acquire({ ...identity, key: 'web/10.0.0.2:80', address: '10.0.0.2' });
    expect(successor.slot).toBe(server.slot);
    expect(drains.cutSignal(successor).aborted).toBe(false);
  });

  it('ends a real tunnel', async () => {
    const { slots, clock, drains, server, leave } = setUp();
    const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const tunnel = connect((echo.address() as AddressInfo).port, '127.0.0.1');
    await once(tunnel, 'connect');
    slots.begin(server);
    drains.cutSignal(server).addEventListener('abort', () => tunnel.destroy(), { once: true });
    leave(5_000);
    tunnel.write('still here');
    expect(String((await once(tunnel, 'data'))[0])).toBe('still here');
    clock.advance(5_000);
    await once(tunnel, 'close');
    slots.end(server);
    expect([clock.pending, slots.size, drains.draining]).toEqual([0, 0, 0]);
    echo.close();
    await once(echo, 'close');
  });

  it('leaves no timer and cuts nothing when it is closed', () => {
    const { slots, clock, drains, server, leave } = setUp();
    slots.begin(server);
    const signal = drains.cutSignal(server);
    leave(5_000);
    drains.close();
    expect(clock.pending).toBe(0);
    clock.advance(5_000);
    expect(signal.aborted).toBe(false);
  });

  it('bears thousands of listeners on one signal without a warning', async () => {
    const { slots, clock, drains, server, leave } = setUp();
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    let cut = 0;
    for (let index = 0; index < 2_000; index++) {
      slots.begin(server);
      drains.cutSignal(server).addEventListener('abort', () => cut++, { once: true });
    }
    leave(0);
    clock.advance(0);
    await immediately(); // warnings are emitted on the next tick
    process.off('warning', warn);
    expect(cut).toBe(2_000);
    expect(warnings).toEqual([]);
  });
});
