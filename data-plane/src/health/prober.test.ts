import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import type { HealthCheck } from '@headgate/shared/model/health-check';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { ServingState } from '../routing/serving-state.ts';
import { backend, full, healthCheck, httpCheck, server } from '../routing/snapshot-objects.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots, verdict } from '../upstream/server-slots.ts';
import { HealthTable } from './health-table.ts';
import { RawServer, until } from './probe.cases.ts';
import { Prober, type ProberOptions } from './prober.ts';
import { RestoredVerdicts } from './restored-verdicts.ts';

const opened: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** A data plane as far as its health room goes, on a clock that stands still, with even draws unless told otherwise. */
class Plane {
  readonly clock = new ManualClock();
  readonly slots = new ServerSlots();
  readonly serving = new ServingState({ slots: this.slots, drains: new DrainTimers(this) });
  readonly health = new HealthTable(this);
  readonly prober: Prober;
  #version = 0;

  constructor(options: Partial<ProberOptions> = {}) {
    const logger = createLogger('test', 'silent');
    this.prober = new Prober({ ...this, logger, random: () => 0.5, ...options });
    opened.push(this.prober);
    this.prober.start();
  }

  async serve(...objects: readonly SnapshotObject[]): Promise<void> {
    const prepared = await this.serving.prepare(full(++this.#version, ...objects));
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
  }

  /** Moves on step by step, and lets every probe end that a step has begun. */
  async run(milliseconds: number, stepMs = 100): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += stepMs) {
      this.clock.advance(stepMs);
      await until(() => this.prober.load.running === 0);
    }
  }

  verdicts(owner: string): string {
    const candidates = this.serving.table.value.backends.get(owner)?.candidates ?? [];
    return candidates.map((candidate) => 'uhd'[this.slots.verdicts[candidate.server.slot]!]).join('');
  }

  ended(): number {
    return Object.values(this.prober.counts).reduce((a, b) => a + b, 0);
  }
}

/** A server that answers with a status that can be changed. */
class Origin {
  status = 200;
  readonly times: number[] = [];

  static async start(clock?: ManualClock): Promise<Origin & { port: number; raw: RawServer }> {
    const origin = new Origin();
    const raw = await RawServer.start((socket) => {
      if (clock !== undefined) origin.times.push(clock.monotonic());
      socket.once('data', () => socket.end(`HTTP/1.1 ${origin.status} x\r\n\r\n`));
    });
    opened.push(raw);
    return Object.assign(origin, { port: raw.port, raw });
  }
}

/** Accepts and never says anything. */
async function silentOrigin(): Promise<RawServer> {
  const raw = await RawServer.start();
  opened.push(raw);
  return raw;
}

async function unusedPort(): Promise<number> {
  const raw = await RawServer.start();
  const { port } = raw;
  await raw.close();
  return port;
}

const local = (owner: string, port: number) => server(owner, port, { address: '127.0.0.1' });
const quick = { intervalMs: 1_000, timeoutMs: 500, fall: 3, rise: 2 };
const web = (settings: Partial<HealthCheck> = {}) =>
  backend('web', { healthCheck: httpCheck({ ...quick, ...settings }) });

describe('Prober', () => {
  it('lets the first answer of a new server decide alone', async () => {
    const plane = new Plane();
    const [good, bad] = [await Origin.start(), await Origin.start()];
    bad.status = 500;
    await plane.serve(web(), local('web', good.port), local('web', bad.port));
    expect(plane.verdicts('web')).toBe('uu');
    await plane.run(1_000);
    const verdicts = good.port.toString() < bad.port.toString() ? 'hd' : 'dh';
    expect(plane.verdicts('web')).toBe(verdicts);
    expect(plane.prober.counts).toMatchObject({ success: 1, unexpected_status: 1 });
  });

  it('notices a dead server after fall probes, and has it back after rise', async () => {
    const plane = new Plane();
    const origin = await Origin.start();
    await plane.serve(web(), local('web', origin.port));
    await plane.run(1_000);
    expect(plane.verdicts('web')).toBe('h');
    origin.status = 503;
    const dying: string[] = [];
    for (let probe = 0; probe < 3; probe++) {
      await plane.run(1_000);
      dying.push(plane.verdicts('web'));
    }
    expect(dying.join('')).toBe('hhd');
    expect([...plane.health.all()]).toEqual([
      {
        server: `web/127.0.0.1:${origin.port}`,
        verdict: 'unhealthy',
        sinceMs: plane.clock.now() - 500,
        lastError: 'status 503',
      },
    ]);
    origin.status = 204;
    const recovering: string[] = [];
    for (let probe = 0; probe < 2; probe++) {
      await plane.run(1_000);
      recovering.push(plane.verdicts('web'));
    }
    expect(recovering.join('')).toBe('dh');
    expect([...plane.health.all()]).toEqual([]);
  });

  it('counts failures in a row only', async () => {
    const plane = new Plane();
    const origin = await Origin.start();
    await plane.serve(web(), local('web', origin.port));
    for (const status of [200, 500, 500, 200, 500, 500, 200, 500, 500]) {
      origin.status = status;
      await plane.run(1_000);
      expect(plane.verdicts('web')).toBe('h');
    }
    await plane.run(1_000);
    expect(plane.verdicts('web')).toBe('d');
  });

  it('probes by TCP where that is the check', async () => {
    const plane = new Plane();
    const [origin, port] = [await silentOrigin(), await unusedPort()];
    const check = { healthCheck: healthCheck(quick) };
    await plane.serve(backend('up', check), local('up', origin.port), backend('down', check), local('down', port));
    await plane.run(1_000);
    expect([plane.verdicts('up'), plane.verdicts('down')]).toEqual(['h', 'd']);
    expect(plane.prober.counts).toMatchObject({ success: 1, connect_failed: 1 });
  });

  it('takes a server that does not answer in time for a failed one', async () => {
    const plane = new Plane();
    const origin = await silentOrigin();
    await plane.serve(web(), local('web', origin.port));
    plane.clock.advance(500);
    await until(() => origin.received[0] !== undefined && origin.received[0] !== '');
    plane.clock.advance(499);
    expect(plane.verdicts('web')).toBe('u');
    plane.clock.advance(1);
    await until(() => plane.verdicts('web') === 'd');
    expect(plane.health.find(`web/127.0.0.1:${origin.port}`)?.lastError).toBe('no answer within 500 ms');
  });

  it('probes nothing where there is no check', async () => {
    const plane = new Plane();
    const origin = await silentOrigin();
    await plane.serve(backend('web'), local('web', origin.port));
    await plane.run(20_000, 5_000);
    expect([plane.verdicts('web'), origin.connections, plane.clock.pending]).toEqual(['u', 0, 0]);
  });

  it('spreads first probes evenly over one interval', async () => {
    const plane = new Plane({ random: () => 0 });
    const origins = await Promise.all(Array.from({ length: 10 }, () => Origin.start(plane.clock)));
    await plane.serve(web(), ...origins.map(({ port }) => local('web', port)));
    await plane.run(999, 37);
    const first = origins.map(({ times }) => times[0]!).sort((a, b) => a - b);
    expect(first).toHaveLength(10);
    first.forEach((time, index) => {
      expect(time).toBeGreaterThanOrEqual(index * 100);
      expect(time).toBeLessThanOrEqual(index * 100 + 37);
    });
  });

  it('draws every interval from interval ± jitter', async () => {
    const draws = [0.5, 0, 0.999999, 0.25];
    const plane = new Plane({ random: () => draws.shift() ?? 0.5 });
    const origin = await Origin.start(plane.clock);
    await plane.serve(web({ jitterPercent: 20 }), local('web', origin.port));
    await plane.run(4_600, 10);
    expect(origin.times.map((time) => Math.round(time / 10) * 10)).toEqual([500, 1_300, 2_500, 3_400, 4_400]);
  });

  it('stays within the bounds of the jitter, whatever is drawn', async () => {
    const plane = new Plane({ random: undefined });
    const origin = await Origin.start(plane.clock);
    await plane.serve(web({ jitterPercent: 50 }), local('web', origin.port));
    await plane.run(40_000, 25);
    expect(origin.times.length).toBeGreaterThan(25);
    const gaps = origin.times.slice(1).map((time, index) => time - origin.times[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500 - 25);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_500 + 25);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(200);
  });

  it('counts the interval from the start of a probe, however long it takes', async () => {
    const plane = new Plane();
    const origin = await silentOrigin();
    await plane.serve(web(), local('web', origin.port));
    for (let probe = 1; probe <= 3; probe++) {
      plane.clock.advance(500);
      await until(() => origin.connections === probe);
      plane.clock.advance(500);
      await until(() => plane.ended() === probe && plane.prober.load.running === 0);
    }
    expect(plane.clock.monotonic()).toBe(3_000);
  });

  it('has at most 10 probes in flight for a backend and 100 in all', async () => {
    const plane = new Plane();
    const silent = await Promise.all(Array.from({ length: 15 }, silentOrigin));
    const slow = httpCheck({ ...quick, timeoutMs: 60_000 });
    const owned = (owner: string) => [
      backend(owner, { healthCheck: slow }),
      ...silent.map(({ port }) => local(owner, port)),
    ];
    const owners = Array.from({ length: 15 }, (_, index) => `b${index}`);
    await plane.serve(...owners.flatMap(owned));
    plane.clock.advance(1_000);
    expect(plane.prober.load).toEqual({ running: 100, waiting: 125 });
    await until(() => silent.reduce((sum, { connections }) => sum + connections, 0) === 100);
    plane.clock.advance(60_000);
    await until(() => plane.ended() === 100 && plane.prober.load.running === 100);
    await plane.serve(...owned('b0'), ...owned('b1'));
    plane.clock.advance(1_000);
    await until(() => plane.prober.load.running === 20);
    expect(plane.prober.load.waiting).toBe(10);
  });

  it('stops probing a removed server at once, in the middle of a probe, and leaves nothing behind', async () => {
    const plane = new Plane();
    const origin = await silentOrigin();
    await plane.serve(web(), local('web', origin.port));
    plane.clock.advance(500);
    await until(() => origin.sockets.size === 1);
    await plane.serve(web());
    expect(plane.clock.pending).toBe(0);
    await until(() => origin.sockets.size === 0 && plane.prober.load.running === 0);
    plane.clock.advance(60_000);
    expect([origin.connections, plane.ended(), plane.health.size, plane.slots.size]).toEqual([1, 0, 0, 0]);
  });

  it('takes the place of a removed server out of the queue', async () => {
    const plane = new Plane({ limits: { perBackend: 1, total: 1 } });
    const [hangs, waits] = [await silentOrigin(), await silentOrigin()];
    await plane.serve(web(), local('web', hangs.port), local('web', waits.port));
    plane.clock.advance(900);
    expect(plane.prober.load).toEqual({ running: 1, waiting: 1 });
    await plane.serve(web());
    await until(() => plane.prober.load.running === 0);
    expect([plane.prober.load.waiting, plane.clock.pending, hangs.connections * waits.connections]).toEqual([0, 0, 0]);
  });

  it('leaves neither timer nor socket when it is closed, and lets verdicts stand', async () => {
    const plane = new Plane();
    const [origin, silent] = [await Origin.start(), await silentOrigin()];
    await plane.serve(web(), local('web', origin.port));
    await plane.run(1_000);
    await plane.serve(web(), local('web', origin.port), local('web', silent.port));
    plane.clock.advance(500);
    await until(() => silent.sockets.size === 1);
    plane.prober.close();
    expect(plane.clock.pending).toBe(0);
    await until(() => silent.sockets.size === 0 && plane.prober.load.running === 0);
    expect(plane.verdicts('web').split('').sort().join('')).toBe('hu');
    await plane.serve(web(), local('web', silent.port));
    expect(plane.clock.pending).toBe(0);
  });

  it('keeps verdicts and restarts thresholds when a check changes', async () => {
    const plane = new Plane();
    const origin = await Origin.start();
    await plane.serve(web(), local('web', origin.port));
    await plane.run(1_000);
    origin.status = 500;
    await plane.run(2_000);
    expect(plane.verdicts('web')).toBe('h'); // one short of fall
    await plane.serve(web({ path: '/other' }), local('web', origin.port));
    expect(plane.verdicts('web')).toBe('h');
    await plane.run(2_000);
    expect(plane.verdicts('web')).toBe('h');
    await plane.run(1_000);
    expect(plane.verdicts('web')).toBe('d');
    expect(origin.raw.received.at(-1)).toContain('GET /other ');
  });

  it('stops the probe that is under way when its check changes', async () => {
    const plane = new Plane();
    const origin = await silentOrigin();
    await plane.serve(web(), local('web', origin.port));
    plane.clock.advance(500);
    await until(() => origin.sockets.size === 1);
    await plane.serve(backend('web', { healthCheck: healthCheck(quick) }), local('web', origin.port));
    await until(() => origin.sockets.size === 0);
    await plane.run(500);
    expect([plane.verdicts('web'), plane.ended()]).toEqual(['h', 1]);
  });

  it('keeps the rounds as they are when other settings of the backend change', async () => {
    const plane = new Plane();
    const origin = await Origin.start(plane.clock);
    await plane.serve(web(), local('web', origin.port));
    await plane.run(1_000);
    const other = backend('web', { healthCheck: httpCheck(quick), via: false });
    await plane.serve(other, local('web', origin.port));
    await plane.serve(other, local('web', origin.port), local('web', await unusedPort()));
    await plane.run(2_000, 100);
    expect(origin.times).toEqual([500, 1_500, 2_500]);
  });

  it('makes servers unknown, and usable, when their check is taken away', async () => {
    const plane = new Plane();
    const port = await unusedPort();
    await plane.serve(web(), local('web', port));
    await plane.run(1_000);
    expect(plane.verdicts('web')).toBe('d');
    await plane.serve(backend('web'), local('web', port));
    expect([plane.verdicts('web'), plane.clock.pending, plane.health.size]).toEqual(['u', 0, 0]);
    expect([...plane.health.all()]).toEqual([]);
  });

  it('begins with servers that were there before their check', async () => {
    const plane = new Plane();
    const port = await unusedPort();
    await plane.serve(backend('web'), local('web', port));
    await plane.serve(web(), local('web', port));
    await plane.run(1_000);
    expect(plane.verdicts('web')).toBe('d');
  });

  it('begins with the table that is served when it starts', async () => {
    const plane = new Plane();
    const port = await unusedPort();
    await plane.serve(web(), local('web', port));
    plane.prober.close();
    const late = new Prober({ ...plane, logger: createLogger('test', 'silent'), random: () => 0.5 });
    opened.push(late);
    late.start();
    plane.clock.advance(500);
    await until(() => plane.verdicts('web') === 'd');
  });

  it('begins anew with a server that comes back while it drains', async () => {
    const plane = new Plane();
    const port = await unusedPort();
    await plane.serve(web(), local('web', port));
    await plane.run(1_000);
    const { server: slot } = plane.serving.table.value.backends.get('web')!.candidates[0]!;
    plane.slots.begin(slot);
    await plane.serve(web());
    await plane.serve(web(), local('web', port));
    expect(plane.slots.get(slot.key)).toBe(slot);
    expect(plane.verdicts('web')).toBe('u');
    await plane.run(1_000);
    expect(plane.verdicts('web')).toBe('d');
  });

  it('goes by rise and fall where there is a verdict from before a restart', async () => {
    const clock = new ManualClock();
    const [good, bad] = [await Origin.start(), await Origin.start()];
    bad.status = 500;
    const known = (as: 'healthy' | 'unhealthy') => ({ verdict: verdict[as], sinceMs: 7, lastError: '' });
    const verdicts = new Map([
      [`web/127.0.0.1:${good.port}`, known('unhealthy')],
      [`web/127.0.0.1:${bad.port}`, known('healthy')],
    ]);
    const restored = new RestoredVerdicts({ clock, verdicts, lifeMs: 60_000 });
    const plane = new Plane({ restored });
    await plane.serve(web(), local('web', good.port), local('web', bad.port));
    const show = () =>
      [good, bad].map(({ port }) => 'uhd'[plane.health.find(`web/127.0.0.1:${port}`)!.verdict]).join('');
    const seen = [show()];
    for (let probe = 0; probe < 3; probe++) {
      await plane.run(1_000);
      seen.push(show());
    }
    expect(seen).toEqual(['dh', 'dh', 'hh', 'hd']);
  });

  it('survives a server that flaps, hangs and answers garbage in turn', async () => {
    const plane = new Plane();
    const answers = ['HTTP/1.1 200 OK\r\n\r\n', 'garbage\r\n\r\n', '', 'HTTP/1.1 500 x\r\n\r\n'];
    let turn = 0;
    const raw = await RawServer.start((socket) => {
      const answer = answers[turn++ % answers.length]!;
      socket.once('data', () => (answer === '' ? socket.resetAndDestroy() : socket.write(answer)));
    });
    opened.push(raw);
    await plane.serve(web(), local('web', raw.port));
    await plane.run(8_000);
    expect(plane.prober.counts).toMatchObject({
      success: 2,
      invalid_answer: 2,
      connection_lost: 2,
      unexpected_status: 2,
    });
    expect(plane.verdicts('web')).toBe('d');
    expect(raw.sockets.size).toBeLessThanOrEqual(1);
  });
});
