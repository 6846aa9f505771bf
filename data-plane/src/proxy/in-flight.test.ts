import { balanceDefaults } from '@headgate/shared/model/balance';
import { resolveLimits } from '@headgate/shared/model/limits';
import { retryDefaults } from '@headgate/shared/model/retry';
import { backend, host, server } from '../routing/snapshot-objects.cases.ts';
import { verdict } from '../upstream/server-slots.ts';
import { SeededRandom } from './conformance/seeded-random.ts';
import { CoreStage } from './core-stage.cases.ts';
import type { ForwardExchange, NextServer, Outcome, UpstreamFailure } from './forwarder.ts';

const REQUESTS = 100_000;
const AT_ONCE = 60;
const LIMIT = 8;
const CHECK_EVERY = 5_000;

const failures: readonly UpstreamFailure[] = [
  'connect_failed',
  'connect_timeout',
  'first_byte_timeout',
  'idle_timeout',
  'connection_lost',
  'invalid_answer',
  'request_too_large',
];
const outcomes: readonly Outcome[] = [
  { kind: 'complete' },
  { kind: 'client_aborted' },
  { kind: 'truncated', reason: 'connection_lost' },
  { kind: 'tunnel_closed' },
];
const bytes = { received: 1, sent: 1 };

/** A request as an engine carries it. */
interface Carried {
  readonly exchange: ForwardExchange;
  state: 'at_server' | 'waiting' | 'answered' | 'refused';
}

/** An engine that does at random whatever may happen to a request, and keeps the contract. */
class ErraticEngine {
  readonly live: Carried[] = [];
  /** What was given to requests in all. */
  readonly given = { server: 0, none: 0, queued: 0 };
  readonly #stage: CoreStage;
  readonly #random: SeededRandom;

  constructor(stage: CoreStage, random: SeededRandom) {
    this.#stage = stage;
    this.#random = random;
  }

  begin(): void {
    const carried: Carried = {
      exchange: this.#stage.request(this.#random.one(['GET', 'POST', 'PUT'])),
      state: 'waiting',
    };
    this.live.push(carried);
    this.#take(carried, carried.exchange.next());
  }

  /** Something happens to one of the requests. */
  step(): void {
    const carried = this.#random.one(this.live);
    if (this.#random.below(4) === 0) return this.end(carried);
    if (carried.state === 'at_server') this.#serverActs(carried);
    else if (carried.state !== 'waiting') this.end(carried);
  }

  end(carried: Carried): void {
    this.live.splice(this.live.indexOf(carried), 1);
    carried.exchange.end(this.#random.one(outcomes), bytes);
    if (this.#random.below(50) === 0) carried.exchange.end({ kind: 'complete' }, bytes);
  }

  #serverActs(carried: Carried): void {
    if (this.#random.below(2) === 0) {
      carried.exchange.answered(this.#random.one([200, 200, 404, 500, 101]), '');
      carried.state = 'answered';
      return;
    }
    const answer = carried.exchange.failure(this.#random.one(failures));
    if (this.#random.below(4) === 0) return this.#refuse(carried, answer);
    const after = { sent: this.#random.below(2) === 0, bodyComplete: this.#random.below(3) > 0 };
    this.#take(carried, carried.exchange.next(after));
  }

  #take(carried: Carried, next: NextServer): void {
    this.given[next.kind]++;
    if (next.kind === 'none') return this.#refuse(carried, next.answer);
    carried.state = next.kind === 'server' ? 'at_server' : 'waiting';
    if (next.kind === 'queued') void next.turn.then((turn) => this.live.includes(carried) && this.#take(carried, turn));
  }

  #refuse(carried: Carried, { status, reason }: { readonly status: number; readonly reason: string }): void {
    carried.exchange.answered(status, reason);
    carried.state = 'refused';
  }
}

function objects(servers: number, queueLength: number) {
  const limits = resolveLimits({ requestsPerServer: LIMIT, queue: { length: queueLength, timeout: '1s' } });
  const settings = {
    limits,
    balance: { ...balanceDefaults, algorithm: 'least_connections' },
    retry: { ...retryDefaults, minConcurrent: 1, budgetPercent: 5 },
  };
  const ports = Array.from({ length: servers }, (_, index) => index + 1);
  return [backend('web', settings), ...ports.map((port) => server('web', port)), host('a.test', 'web')];
}

/** What may go on beside the requests. */
async function disturb(stage: CoreStage, random: SeededRandom): Promise<void> {
  const chosen = random.one([...stage.slots.values()]);
  stage.slots.verdicts[chosen.slot] = random.one([verdict.healthy, verdict.healthy, verdict.unhealthy]);
  stage.clock.advance(random.below(300));
  if (random.below(3) === 0) await stage.publish(...objects(3 + random.below(5), 1 + random.below(20)));
}

describe('what is counted as in flight', () => {
  it('is exact over 100,000 requests that fail, wait, are retried and break off at random, and zero after them', async () => {
    const random = new SeededRandom(7);
    const stage = new CoreStage();
    const engine = new ErraticEngine(stage, random);
    await stage.publish(...objects(6, 10));
    for (let begun = 0; begun < REQUESTS;) {
      if (engine.live.length < AT_ONCE && random.below(2) === 0) {
        engine.begin();
        if (++begun % CHECK_EVERY === 0) expectExact(stage, engine);
      } else if (engine.live.length > 0) engine.step();
      if (random.below(20) === 0) await Promise.resolve();
      if (random.below(500) === 0) await disturb(stage, random);
    }
    expect(Math.min(engine.given.server, engine.given.none, engine.given.queued)).toBeGreaterThan(1_000);
    while (engine.live.length > 0) engine.end(engine.live[0]!);
    expect([stage.inFlight, stage.metrics.inFlight]).toEqual([0, 0]);
    expect(stage.traffic('web')).toEqual({ inFlight: 0, retries: 0, waiting: 0 });
    expect(stage.metrics.queues.get('web')?.waiting).toBe(0);
    const { retries, refusedRetries } = stage.metrics;
    expect(Math.min(retries, ...refusedRetries.values())).toBeGreaterThan(100);
    await stage.publish();
    expect([stage.slots.size, stage.clock.pending]).toEqual([0, 0]);
    stage.close();
  }, 60_000);
});

/** In the middle of it: the sums agree, and nobody is beyond a limit. */
function expectExact(stage: CoreStage, engine: ErraticEngine): void {
  const { inFlight, retries, waiting } = stage.traffic('web');
  expect([inFlight, stage.metrics.inFlight]).toEqual([stage.inFlight, engine.live.length]);
  expect(waiting).toBe(stage.metrics.queues.get('web')?.waiting ?? 0);
  expect(waiting).toBeLessThanOrEqual(engine.live.filter(({ state }) => state === 'waiting').length);
  expect(retries).toBeLessThanOrEqual(engine.live.length);
  for (const { slot } of stage.slots.values()) expect(stage.slots.inFlight[slot]).toBeLessThanOrEqual(LIMIT);
}
