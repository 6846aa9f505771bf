import { balanceDefaults } from '@headgate/shared/model/balance';
import { resolveEjection } from '@headgate/shared/model/ejection';
import { resolveLimits } from '@headgate/shared/model/limits';
import { retryDefaults } from '@headgate/shared/model/retry';
import { SeededRandom } from '../proxy/conformance/seeded-random.ts';
import type { ForwardExchange, NextServer } from '../proxy/forwarder.ts';
import { backend, balanced, host, server } from '../routing/snapshot-objects.cases.ts';
import { createSharedCounts, MOST_SERVERS } from '../upstream/shared-counts.ts';
import { TooManyServersError } from '../upstream/shared-slots.ts';
import { ThreadSlots } from '../upstream/thread-slots.ts';
import { ThreadStage } from './thread-stage.cases.ts';

const bytes = { received: 1, sent: 1 };
const complete = { kind: 'complete' } as const;

function site(servers: number, settings: Parameters<typeof backend>[1] = {}) {
  const ports = Array.from({ length: servers }, (_, index) => index + 1);
  return [backend('web', settings), ...ports.map((port) => server('web', port)), host('a.test', 'web')];
}

function portOf(next: NextServer): number | string {
  return next.kind === 'server' ? next.server.port : next.kind === 'none' ? next.answer.reason : 'queued';
}

describe('counts of several threads', () => {
  it('are those of one: least_connections sees what others have under way', async () => {
    const stage = new ThreadStage(2);
    await stage.publish(...site(4, balanced('least_connections')));
    const exchanges = Array.from({ length: 40 }, (_, index) => stage.lanes[index % 2]!.request());
    for (const exchange of exchanges) exchange.next();
    expect([...stage.slots.values()].map(({ slot }) => stage.counts.inFlight[slot])).toEqual([10, 10, 10, 10]);
    expect(stage.traffic('web')).toEqual({ inFlight: 40, retries: 0, waiting: 0 });
    for (const exchange of exchanges) exchange.end(complete, bytes);
    expect([stage.inFlight, stage.traffic('web').inFlight]).toEqual([0, 0]);
  });

  it('keep the limit of requests for each server exactly', async () => {
    const stage = new ThreadStage(3);
    await stage.publish(...site(2, { limits: resolveLimits({ requestsPerServer: 3 }) }));
    const given = Array.from({ length: 9 }, (_, index) => portOf(stage.lanes[index % 3]!.request().next()));
    expect(given.filter((port) => port === 1)).toHaveLength(3);
    expect(given.filter((port) => port === 2)).toHaveLength(3);
    expect(given.slice(6)).toEqual(['overloaded', 'overloaded', 'overloaded']);
  });

  it('refuse a request that another thread was faster than, after it was picked for', async () => {
    const stage = new ThreadStage(2);
    await stage.publish(...site(1));
    const [one, other] = [stage.lanes[0]!.slots, stage.lanes[1]!.slots];
    const [first] = [...one.values()];
    expect([one.begin(first!, 1), other.begin(first!, 1)]).toEqual([true, false]);
    expect(stage.inFlight).toBe(1);
    one.end(first!);
    expect(other.begin(first!, 1)).toBe(true);
  });

  it('limit retries by what all threads have under way', async () => {
    const stage = new ThreadStage(2);
    await stage.publish(...site(3, { retry: { ...retryDefaults, minConcurrent: 1, budgetPercent: 0 } }));
    const [first, second] = stage.lanes.map((lane) => lane.request());
    for (const exchange of [first!, second!]) {
      exchange.next();
      exchange.failure('connect_failed');
    }
    expect(typeof portOf(first!.next({ sent: false, bodyComplete: true }))).toBe('number');
    expect(portOf(second!.next({ sent: false, bodyComplete: true }))).toBe('connect_failed');
    expect(stage.lanes[1]!.metrics.refusedRetries.get('budget')).toBe(1);
  });

  it('return what a thread has held that is gone, and nothing else', async () => {
    const stage = new ThreadStage(2);
    const limits = resolveLimits({ requestsPerServer: 2, queue: { length: 9, timeout: '1m' } });
    await stage.publish(...site(2, { limits }));
    const kept = Array.from({ length: 2 }, () => stage.lanes[0]!.request());
    const lost = Array.from({ length: 3 }, () => stage.lanes[1]!.request());
    for (const exchange of [...kept, ...lost]) exchange.next();
    expect(stage.traffic('web')).toEqual({ inFlight: 4, retries: 0, waiting: 1 });
    stage.crash(1);
    expect(stage.traffic('web')).toEqual({ inFlight: 2, retries: 0, waiting: 0 });
    for (const exchange of kept) exchange.end(complete, bytes);
    expect(stage.inFlight).toBe(0);
  });
});

describe('servers that leave', () => {
  it('are let go of when nothing is under way there in any thread, and only then is their slot free', async () => {
    const stage = new ThreadStage(2);
    await stage.publish(...site(2));
    // Every thread goes round for itself.
    const passed = stage.lanes[1]!.request();
    passed.next();
    passed.end(complete, bytes);
    const exchanges = [stage.lanes[0]!.request(), stage.lanes[1]!.request()];
    const slots = exchanges.map((exchange) => {
      const next = exchange.next();
      return next.kind === 'server' ? next.server.slot : -1;
    });
    await stage.publish(backend('web'), host('a.test', 'web'));
    expect(stage.slots.size).toBe(2);
    await stage.publish(...site(0), server('web', 7));
    expect(slots).not.toContain(stage.slots.get('web/10.0.0.1:7')!.slot);
    exchanges[0]!.end(complete, bytes);
    expect(stage.sweep()).toHaveLength(1);
    exchanges[1]!.end(complete, bytes);
    expect(stage.sweep()).toHaveLength(1);
    expect(stage.lanes.map((lane) => lane.slots.size)).toEqual([1, 1]);
    await stage.publish(...site(0), server('web', 7), server('web', 8));
    expect(slots).toContain(stage.slots.get('web/10.0.0.1:8')!.slot);
    expect(stage.lanes[1]!.slots.get('web/10.0.0.1:8')!.slot).toBe(stage.slots.get('web/10.0.0.1:8')!.slot);
  });

  it('are kept when they come back before that', async () => {
    const stage = new ThreadStage(2);
    await stage.publish(...site(1));
    const exchange = stage.lanes[1]!.request();
    exchange.next();
    await stage.publish(...site(0), server('web', 2));
    await stage.publish(...site(1));
    exchange.end(complete, bytes);
    expect(stage.sweep()).toEqual([]);
    expect(stage.slots.get('web/10.0.0.1:1')).toBeDefined();
    expect(portOf(stage.lanes[0]!.request().next())).toBe(1);
  });

  it('are not let go of before every thread has followed', async () => {
    const stage = new ThreadStage(1);
    await stage.publish(...site(1));
    const [known] = [...stage.slots.values()];
    stage.slots.begins(9);
    stage.slots.retire(known!.key);
    expect([stage.slots.sweep(8), stage.slots.sweep(9)]).toEqual([[], [known!.key]]);
  });

  it('tell those that are disabled when nothing is under way there any more', async () => {
    const stage = new ThreadStage(2);
    await stage.publish(...site(1));
    const [freed, exchange] = [[] as string[], stage.lanes[0]!.request()];
    stage.lanes[1]!.slots.onFreed(({ key }) => void freed.push(key));
    exchange.next();
    await stage.publish(backend('web'), server('web', 1, { state: 'disabled' }), host('a.test', 'web'));
    expect([stage.sweep(), freed]).toEqual([[], []]);
    exchange.end(complete, bytes);
    stage.sweep();
    expect(freed).toEqual(['web/10.0.0.1:1']);
    await stage.publish(...site(1));
    expect(portOf(stage.lanes[1]!.request().next())).toBe(1);
  });
});

describe('backends that leave', () => {
  it('give back where they are counted when nothing is under way for them', async () => {
    const stage = new ThreadStage(2);
    await stage.publish(...site(1));
    const place = stage.places.placeOf('web');
    const exchange = stage.lanes[1]!.request();
    exchange.next();
    await stage.publish(backend('api'));
    expect(stage.places.placeOf('web')).toBe(place);
    exchange.end(complete, bytes);
    stage.sweep();
    expect(stage.places.placeOf('web')).toBeUndefined();
    await stage.publish(backend('api'), backend('other'));
    expect(stage.places.placeOf('other')).toBe(place);
    expect(stage.places.used).toBe(2);
  });
});

describe('more servers than there is room for', () => {
  it('are refused by name', () => {
    const slots = new ThreadSlots(createSharedCounts(1), 0);
    slots.number(new Map([['web/10.0.0.1:1', MOST_SERVERS]]));
    const server = { key: 'web/10.0.0.1:1', backend: 'web', address: '10.0.0.1', port: 1 };
    expect(() => slots.acquire(server)).toThrow(TooManyServersError);
  });
});

describe('queues of several threads', () => {
  const limits = resolveLimits({ requestsPerServer: 1, queue: { length: 3, timeout: '10s' } });

  async function setUp() {
    const stage = new ThreadStage(2);
    await stage.publish(...site(1, { limits }));
    const [one, other] = stage.lanes;
    const running = one!.request();
    expect(portOf(running.next())).toBe(1);
    return { stage, one: one!, other: other!, running };
  }

  it('have one length', async () => {
    const { one, other } = await setUp();
    const given = [one, other, other, one, other].map((lane) => portOf(lane.request().next()));
    expect(given).toEqual(['queued', 'queued', 'queued', 'overloaded', 'overloaded']);
  });

  it('give what is free to whoever has waited longest, in whatever thread', async () => {
    const { stage, one, other, running } = await setUp();
    const order: string[] = [];
    const waiting = [
      ['a', other],
      ['b', one],
      ['c', other],
    ] as const;
    const exchanges = waiting.map(([name, lane]) => {
      stage.clock.advance(1);
      const exchange = lane.request();
      const next = exchange.next();
      if (next.kind === 'queued') void next.turn.then(() => order.push(name));
      return exchange;
    });
    running.end(complete, bytes);
    for (const exchange of exchanges) {
      await new Promise(setImmediate);
      exchange.end(complete, bytes);
    }
    expect(order).toEqual(['a', 'b', 'c']);
    expect(stage.traffic('web')).toEqual({ inFlight: 0, retries: 0, waiting: 0 });
    expect(stage.clock.pending).toBe(0);
  });

  it('look by themselves when nobody has told them', async () => {
    const { stage, other, running } = await setUp();
    stage.wakesAtOnce = false;
    stage.clock.advance(1);
    const next = other.request().next();
    const turns: (number | string)[] = [];
    if (next.kind === 'queued') void next.turn.then((turn) => turns.push(portOf(turn)));
    running.end(complete, bytes);
    expect(stage.woken).toEqual([1]);
    stage.clock.advance(20);
    await new Promise(setImmediate);
    expect(turns).toEqual([1]);
  });

  it('let nobody pass who comes later to another thread', async () => {
    const { stage, one, other, running } = await setUp();
    stage.wakesAtOnce = false;
    stage.clock.advance(1);
    expect(portOf(other.request().next())).toBe('queued');
    running.end(complete, bytes);
    expect(portOf(one.request().next())).toBe('queued');
  });

  it('wait no longer than they may', async () => {
    const { stage, other } = await setUp();
    const next = other.request().next();
    const turns: (number | string)[] = [];
    if (next.kind === 'queued') void next.turn.then((turn) => turns.push(portOf(turn)));
    stage.clock.advance(9_980);
    await new Promise(setImmediate);
    expect(turns).toEqual([]);
    stage.clock.advance(40);
    await new Promise(setImmediate);
    expect(turns).toEqual(['queue_timeout']);
    expect(stage.traffic('web').waiting).toBe(0);
  });
});

describe('failures in a row', () => {
  it('are counted over all threads, and reported by the one that completes a row', async () => {
    const stage = new ThreadStage(2);
    await stage.publish(...site(2, { ejection: resolveEjection({ consecutiveFailures: 3 }) }));
    const fail = (thread: number): void => {
      const exchange = stage.lanes[thread]!.request();
      exchange.next();
      exchange.failure('connect_failed');
      exchange.end(complete, bytes);
    };
    const succeed = (thread: number): void => {
      const exchange = stage.lanes[thread]!.request();
      exchange.next();
      exchange.answered(200, '');
      exchange.end(complete, bytes);
    };
    const only = stage.slots.get('web/10.0.0.1:1')!;
    stage.counts.verdicts[stage.slots.get('web/10.0.0.1:2')!.slot] = 2;
    fail(0);
    fail(1);
    succeed(1);
    for (const thread of [0, 1]) fail(thread);
    expect(stage.lanes.map(({ reports }) => reports)).toEqual([[], []]);
    fail(0);
    expect(stage.lanes.map(({ reports }) => reports)).toEqual([[`${only.key} 3`], []]);
    stage.counts.verdicts.fill(0, 0, 2);
    stage.counts.ejected[only.slot] = 1;
    expect(stage.counts.failures[only.slot]).toBe(0);
  });
});

interface Carried {
  readonly thread: number;
  readonly exchange: ForwardExchange;
  atServer: boolean;
}

describe('what several threads have in flight', () => {
  it('is exact over requests that fail, wait, are retried and break off at random, and over threads that end', async () => {
    const random = new SeededRandom(11);
    const stage = new ThreadStage(3);
    const [live, limit] = [[] as Carried[], 4];
    const limits = resolveLimits({ requestsPerServer: limit, queue: { length: 6, timeout: '1s' } });
    const balance = { ...balanceDefaults, algorithm: 'least_connections' };
    const settings = { limits, balance, retry: { ...retryDefaults, minConcurrent: 2, budgetPercent: 5 } };
    const take = (carried: Carried, next: NextServer): void => {
      carried.atServer = next.kind === 'server';
      if (next.kind === 'queued') void next.turn.then((turn) => live.includes(carried) && take(carried, turn));
      else if (next.kind === 'none') carried.exchange.answered(next.answer.status, next.answer.reason);
    };
    await stage.publish(...site(5, settings));
    for (let step = 0; step < 20_000; step++) {
      if (live.length < 40 && random.below(2) === 0) {
        const thread = random.below(3);
        const carried = { thread, exchange: stage.lanes[thread]!.request(), atServer: false };
        live.push(carried);
        take(carried, carried.exchange.next());
      } else if (live.length > 0) {
        const carried = random.one(live);
        if (carried.atServer && random.below(3) === 0) {
          carried.exchange.failure('connection_lost');
          take(carried, carried.exchange.next({ sent: random.below(2) === 0, bodyComplete: true }));
        } else {
          live.splice(live.indexOf(carried), 1);
          carried.exchange.end(complete, bytes);
        }
      }
      if (random.below(20) === 0) await Promise.resolve();
      if (random.below(400) === 0) await stage.publish(...site(3 + random.below(4), settings));
      if (random.below(50) === 0) stage.clock.advance(random.below(100));
      const counted = [...stage.slots.values()].map(({ slot }) => stage.counts.inFlight[slot]!);
      if (Math.max(...counted) > limit) throw new Error(`beyond the limit at step ${step}: ${counted.join(' ')}`);
    }
    // Turns that were given are taken by now.
    await new Promise(setImmediate);
    const { inFlight, waiting } = stage.traffic('web');
    expect([inFlight, stage.inFlight]).toEqual([live.filter(({ atServer }) => atServer).length, inFlight]);
    expect(waiting).toBe(stage.lanes.reduce((sum, { metrics }) => sum + (metrics.queues.get('web')?.waiting ?? 0), 0));
    stage.crash(2);
    for (const { thread, exchange } of live) if (thread !== 2) exchange.end(complete, bytes);
    expect([stage.inFlight, stage.traffic('web')]).toEqual([0, { inFlight: 0, retries: 0, waiting: 0 }]);
  }, 60_000);
});
