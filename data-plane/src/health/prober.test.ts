import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { resolveBackend } from '@headgate/shared/model/backend';
import { resolveServer } from '@headgate/shared/model/server';
import { backend, healthCheck, httpCheck, server } from '../routing/snapshot-objects.cases.ts';
import { verdict } from '../upstream/server-slots.ts';
import { RawServer, until } from './probe.cases.ts';
import {
  closeOpened,
  local,
  opened,
  Origin,
  Plane,
  quick,
  silentOrigin,
  unusedPort,
  web,
} from './probed-plane.cases.ts';
import { Prober } from './prober.ts';
import { RestoredVerdicts } from './restored-verdicts.ts';

afterEach(closeOpened);

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
      // Within a step of the clock, and one more for a connection that arrives late.
      expect(time).toBeLessThanOrEqual(index * 100 + 2 * 37);
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
    const plane = new Plane({ concurrency: 1 });
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

  it('takes a backend of a restored table in when it is opened, with its verdicts from before, and not earlier', async () => {
    const clock = new ManualClock();
    const verdicts = new Map([['web/10.0.0.1:80', { verdict: verdict.unhealthy, sinceMs: 7, lastError: '' }]]);
    const plane = new Plane({ restored: new RestoredVerdicts({ clock, verdicts, lifeMs: 60_000 }) });
    const read = () => ({
      settings: resolveBackend({ name: 'web', healthCheck: { type: 'tcp' } }),
      servers: [80, 81].map((port) => resolveServer('web', { address: '10.0.0.1', port })),
    });
    const backends = new Map([['web', { servers: 2, read }]]);
    const prepared = await plane.serving.restore({
      id: { epoch: 'e', version: 1 },
      hosts: [],
      backends,
      checked: true,
    });
    if (prepared.ok) prepared.commit();
    expect([...plane.health.all()]).toEqual([]);
    const { availability, candidates } = plane.serving.table.value.backends.get('web')!;
    expect(candidates.map(({ server: each }) => availability.isAvailable(each, []))).toEqual([false, true]);
    expect(plane.verdicts('web')).toBe('du');
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

  it('probes a server that is down at an interval of its own', async () => {
    const plane = new Plane();
    const origin = await Origin.start(plane.clock);
    origin.status = 500;
    await plane.serve(web({ downIntervalMs: 300, rise: 2 }), local('web', origin.port));
    await plane.run(1_100);
    expect(origin.times).toEqual([500, 800, 1_100]);
    origin.status = 200;
    await plane.run(600);
    expect(plane.verdicts('web')).toBe('h');
    await plane.run(1_000);
    expect(origin.times.slice(3)).toEqual([1_400, 1_700, 2_700]);
  });

  it('has as many probes of a backend in flight as its check says', async () => {
    const plane = new Plane();
    const silent = await Promise.all(Array.from({ length: 5 }, silentOrigin));
    const servers = silent.map(({ port }) => local('web', port));
    await plane.serve(web({ concurrency: 2 }), ...servers);
    plane.clock.advance(1_000 - 1);
    expect(plane.prober.load).toMatchObject({ running: 2 });
    await plane.serve(web({ concurrency: 4 }), ...servers);
    await until(() => plane.prober.load.running === 0);
    plane.clock.advance(1_000 - 1);
    expect(plane.prober.load).toMatchObject({ running: 4 });
  });

  it('probes no disabled server: it loses its verdict, its probe ends, and it begins anew', async () => {
    const plane = new Plane();
    const origin = await silentOrigin();
    const port = await unusedPort();
    const state = (of: number, word: string) => server('web', of, { address: '127.0.0.1', state: word });
    await plane.serve(web({ timeoutMs: 5_000 }), local('web', origin.port), local('web', port));
    plane.clock.advance(750);
    await until(() => origin.sockets.size === 1 && plane.verdicts('web').includes('d'));
    await plane.serve(web(), state(origin.port, 'disabled'), state(port, 'disabled'));
    await until(() => origin.sockets.size === 0);
    expect([plane.verdicts('web'), [...plane.health.all()], plane.clock.pending]).toEqual(['uu', [], 0]);
    await plane.serve(web(), state(origin.port, 'disabled'), local('web', port));
    await plane.run(1_000);
    expect(plane.verdicts('web').split('').sort().join('')).toBe('du');
  });

  it('never begins with a server that is disabled from the start', async () => {
    const plane = new Plane();
    const origin = await Origin.start();
    await plane.serve(web(), server('web', origin.port, { address: '127.0.0.1', state: 'disabled' }));
    await plane.run(3_000);
    expect([origin.raw.connections, plane.health.size, plane.clock.pending]).toEqual([0, 0, 0]);
  });

  it('probes draining servers on, as if nothing had happened', async () => {
    const plane = new Plane();
    const origin = await Origin.start(plane.clock);
    await plane.serve(web(), local('web', origin.port));
    await plane.run(1_000);
    await plane.serve(web(), server('web', origin.port, { address: '127.0.0.1', state: 'draining' }));
    await plane.run(2_000);
    expect([plane.verdicts('web'), origin.times]).toEqual(['h', [500, 1_500, 2_500]]);
  });

  it.each([0, 0.5, 0.999999])(
    'knows a server that hangs as dead within fall x (1.2 x interval + timeout) + 1 s, and uses it after rise (draws of %d)',
    async (draw) => {
      const article = { intervalMs: 2_000, timeoutMs: 1_000, fall: 3, rise: 2, jitterPercent: 20 };
      const plane = new Plane({ random: () => draw });
      let hangs = false;
      const raw = await RawServer.start((socket) => {
        if (!hangs) socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
      });
      opened.push(raw);
      await plane.serve(web(article), local('web', raw.port));
      await plane.run(2_000);
      expect(plane.verdicts('web')).toBe('h');
      hangs = true;
      const died = await timeUntil(plane, 'd');
      expect(died).toBeLessThanOrEqual(3 * (1.2 * 2_000 + 1_000) + 1_000);
      expect(died).toBeGreaterThan(2 * 0.8 * 2_000); // three probes, not fewer
      hangs = false;
      expect(await timeUntil(plane, 'h')).toBeLessThanOrEqual(2 * 1.2 * 2_000 + 1_000);
    },
  );

  it('spreads the probes of 1,000 servers over the interval, first and later', async () => {
    const plane = new Plane({ random: Math.random });
    const origin = await RawServer.start(undefined, '0.0.0.0');
    opened.push(origin);
    const servers = Array.from({ length: 1_000 }, (_, index) =>
      server('web', origin.port, { address: `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}` }),
    );
    await plane.serve(backend('web', { healthCheck: healthCheck({ intervalMs: 10_000 }) }), ...servers);
    await plane.serving.settled;
    const perStep: number[] = [];
    for (let step = 0; step < 30; step++) {
      const before = plane.ended();
      await plane.run(500, 100);
      perStep.push(plane.ended() - before);
      if (step === 19) expect([...plane.health.values()].filter(({ successes }) => successes === 0)).toHaveLength(0);
    }
    expect(Math.max(...perStep.slice(0, 15))).toBeLessThanOrEqual(52); // 50 are even; no second round yet
    expect(Math.max(...perStep)).toBeLessThanOrEqual(110);
    expect(Math.min(...perStep)).toBeGreaterThan(0);
    expect(plane.prober.perSecond).toBeGreaterThan(80);
    expect(plane.prober.perSecond).toBeLessThan(120);
    await plane.serve(backend('web'));
    await plane.serving.settled;
    expect([plane.clock.pending, plane.health.size]).toEqual([0, 0]);
  });

  it('keeps verdicts through a storm of snapshots, and the probes of a dead server apart from them', async () => {
    const plane = new Plane();
    const [origin, dead] = [await Origin.start(plane.clock), await unusedPort()];
    await plane.serve(web(), local('web', origin.port), local('web', dead));
    await plane.run(1_000);
    const [before] = [plane.verdicts('web')];
    for (let change = 1; change <= 200; change++) {
      const weighted = server('web', origin.port, { address: '127.0.0.1', weight: change });
      await plane.serve(web(), weighted, local('web', dead), ...(change % 2 === 0 ? [backend('other')] : []));
      expect(plane.verdicts('web')).toBe(before);
      if (change % 20 === 0) await plane.run(100);
    }
    expect(origin.times.length).toBe(2);
    expect(plane.prober.counts).toMatchObject({ connect_failed: 2 });
  });
});

/** Milliseconds until the one server of the backend has this verdict. */
async function timeUntil(plane: Plane, wanted: string): Promise<number> {
  const began = plane.clock.monotonic();
  while (plane.verdicts('web') !== wanted) {
    if (plane.clock.monotonic() - began > 60_000) throw new Error(`never ${wanted}`);
    plane.clock.advance(50);
    // A probe that hangs stays in flight; one that is answered ends before the clock moves on.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  return plane.clock.monotonic() - began;
}
