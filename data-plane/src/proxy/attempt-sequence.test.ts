import { resolveLimits } from '@headgate/shared/model/limits';
import { retryDefaults } from '@headgate/shared/model/retry';
import { resolveSession } from '@headgate/shared/model/session';
import type { Backend } from '@headgate/shared/model/backend';
import { backend, host, server } from '../routing/snapshot-objects.cases.ts';
import { verdict } from '../upstream/server-slots.ts';
import { serveQueueOf } from '../upstream/reconsider-queues.ts';
import { CoreStage } from './core-stage.cases.ts';
import type { ForwardExchange, NextServer } from './forwarder.ts';
import { ownAnswer } from './own-answer.ts';

const unsent = { sent: false, bodyComplete: true };
const sent = { sent: true, bodyComplete: true };
const bytes = { received: 0, sent: 0 };

const stages: CoreStage[] = [];
afterEach(() => stages.splice(0).forEach((stage) => stage.close()));

/** The backend `web` on ports 1, 2, … of 10.0.0.1. */
async function stageOf(servers: number, settings: Partial<Backend> = {}): Promise<CoreStage> {
  const stage = new CoreStage();
  stages.push(stage);
  await stage.publish(...objects(servers, settings));
  return stage;
}

function objects(servers: number, settings: Partial<Backend> = {}) {
  const ports = Array.from({ length: servers }, (_, index) => index + 1);
  return [backend('web', settings), ...ports.map((port) => server('web', port)), host('a.test', 'web')];
}

const oneEach = (queue?: { length: number }) => ({
  limits: resolveLimits({ requestsPerServer: 1, ...(queue && { queue }) }),
});

function end(exchange: ForwardExchange): void {
  exchange.end({ kind: 'complete' }, bytes);
}

function answerOf(next: NextServer) {
  return next.kind === 'none' ? next.answer : next.kind;
}

/** What a request that waits has come to; "waiting" so far. */
function turnOf(next: NextServer): { value: string } {
  const state = { value: 'waiting' };
  if (next.kind !== 'queued') throw new Error(`it does not wait: ${next.kind}`);
  void next.turn.then((turn) => (state.value = turn.kind === 'server' ? turn.server.key : turn.answer.reason));
  return state;
}

/** Lets what was resolved be seen. */
const seen = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the reports about servers', () => {
  it('tell of each attempt once, by the first that the server was seen to do', async () => {
    const stage = await stageOf(2);
    const exchange = stage.request();
    exchange.next();
    exchange.failure('connect_failed');
    exchange.next(unsent);
    exchange.answered(200, '');
    exchange.end({ kind: 'truncated', reason: 'connection_lost' }, bytes);
    expect(stage.reports).toEqual(['web/10.0.0.1:1 failed', 'web/10.0.0.1:2 ok']);
  });

  it.each([
    [200, 'ok'],
    [404, 'ok'],
    [101, 'ok'],
    [500, 'failed'],
    [503, 'failed'],
  ])('take an answer of %d for: %s', async (status, wanted) => {
    const stage = await stageOf(1);
    const exchange = stage.request();
    exchange.next();
    exchange.answered(status, '');
    end(exchange);
    expect(stage.reports).toEqual([`web/10.0.0.1:1 ${wanted}`]);
  });

  it('blame no server for what a client has done', async () => {
    const stage = await stageOf(1);
    const [left, large] = [stage.request(), stage.request('POST')];
    left.next();
    left.end({ kind: 'client_aborted' }, bytes);
    large.next();
    const answer = large.failure('request_too_large');
    large.answered(answer.status, answer.reason);
    end(large);
    expect(stage.reports).toEqual([]);
    expect([...stage.metrics.upstreamFailures.values()].every((count) => count === 0)).toBe(true);
  });
});

describe('a retry', () => {
  it('goes to another server, as often as the backend allows', async () => {
    const stage = await stageOf(4, { retry: { ...retryDefaults, attempts: 2 } });
    const exchange = stage.request();
    const servers = [exchange.next(), exchange.next(sent), exchange.next(sent)];
    const keys = servers.map((next) => (next.kind === 'server' ? next.server.key : next.kind));
    expect(new Set(keys).size).toBe(3);
    exchange.failure('connection_lost');
    expect(answerOf(exchange.next(sent))).toBe(ownAnswer('connection_lost'));
    expect([stage.inFlight, stage.metrics.refusedRetries.get('attempts')]).toEqual([0, 1]);
    end(exchange);
  });

  it('goes to no server that has begun to drain since the request came, and to one that has joined', async () => {
    const stage = await stageOf(2);
    const exchange = stage.request();
    exchange.next();
    const draining = server('web', 2, { state: 'draining' });
    await stage.publish(backend('web'), server('web', 1), draining, server('web', 3), host('a.test', 'web'));
    expect(exchange.next(sent)).toMatchObject({ server: { key: 'web/10.0.0.1:3' } });
    end(exchange);
    expect(stage.inFlight).toBe(0);
  });

  it('is not made when its backend is gone, nor when another has come by that name since', async () => {
    const stage = await stageOf(2);
    const [first, second] = [stage.request(), stage.request()];
    for (const exchange of [first, second]) exchange.next();
    await stage.publish();
    expect(answerOf(first.next(sent))).toBe(ownAnswer('no_servers'));
    await stage.publish(...objects(3));
    expect(answerOf(second.next(sent))).toBe(ownAnswer('no_servers'));
    for (const exchange of [first, second]) end(exchange);
    expect([stage.inFlight, stage.traffic('web')]).toEqual([0, { inFlight: 0, retries: 0, waiting: 0 }]);
  });

  it('waits as the newest settings allow, not as those of its request did', async () => {
    const stage = await stageOf(2, oneEach({ length: 2 }));
    const [holder, exchange] = [stage.request(), stage.request()];
    holder.next();
    exchange.next();
    await stage.publish(...objects(2, oneEach()));
    expect(answerOf(exchange.next(sent))).toBe(ownAnswer('overloaded'));
    for (const one of [holder, exchange]) end(one);
    expect([stage.inFlight, stage.clock.pending]).toEqual([0, 0]);
  });

  it('is not made without knowing how the attempt before it ended', async () => {
    const exchange = (await stageOf(2)).request();
    exchange.next();
    expect(exchange.next().kind).toBe('none');
    end(exchange);
  });

  it('counts against the budget of its backend until its end', async () => {
    const stage = await stageOf(2, { retry: { ...retryDefaults, minConcurrent: 1 } });
    const [first, second] = [stage.request(), stage.request()];
    for (const exchange of [first, second]) exchange.next();
    expect(first.next(sent).kind).toBe('server');
    expect(stage.traffic('web').retries).toBe(1);
    second.failure('connection_lost');
    expect(answerOf(second.next(sent))).toBe(ownAnswer('connection_lost'));
    first.answered(200, '');
    expect(stage.traffic('web').retries).toBe(1);
    for (const exchange of [first, second]) end(exchange);
    expect(stage.traffic('web')).toEqual({ inFlight: 0, retries: 0, waiting: 0 });
    expect(stage.metrics.refusedRetries.get('budget')).toBe(1);
  });

  it('that became a tunnel does not count against the budget for as long as that is open', async () => {
    const stage = await stageOf(2);
    const exchange = stage.request();
    exchange.next();
    exchange.next(sent);
    exchange.answered(101, '');
    expect(stage.traffic('web')).toEqual({ inFlight: 1, retries: 0, waiting: 0 });
    exchange.end({ kind: 'tunnel_closed' }, bytes);
    expect(stage.traffic('web')).toEqual({ inFlight: 0, retries: 0, waiting: 0 });
  });

  it('waits for a server like anybody else, and answers by its failure when it has waited in vain', async () => {
    const stage = await stageOf(2, oneEach({ length: 2 }));
    const [holder, exchange] = [stage.request(), stage.request()];
    holder.next();
    exchange.next();
    exchange.failure('connection_lost');
    const turn = turnOf(exchange.next(sent));
    expect(stage.traffic('web')).toEqual({ inFlight: 1, retries: 1, waiting: 1 });
    stage.clock.advance(5_000);
    await seen();
    expect(turn.value).toBe('connection_lost');
    for (const one of [exchange, holder]) end(one);
    expect(stage.traffic('web')).toEqual({ inFlight: 0, retries: 0, waiting: 0 });
  });
});

describe('a request that waits', () => {
  it('is counted nowhere before its turn, and gets the server that came free', async () => {
    const stage = await stageOf(2, oneEach({ length: 2 }));
    const [first, second, third] = [stage.request(), stage.request(), stage.request()];
    first.next();
    second.next();
    const turn = turnOf(third.next());
    expect(stage.inFlight).toBe(2);
    end(first);
    expect(stage.inFlight).toBe(2);
    await seen();
    expect(turn.value).toBe('web/10.0.0.1:1');
    for (const exchange of [second, third]) end(exchange);
    expect(stage.inFlight).toBe(0);
  });

  it('is not overtaken by a newcomer', async () => {
    const stage = await stageOf(1, oneEach({ length: 2 }));
    const [first, second, third] = [stage.request(), stage.request(), stage.request()];
    first.next();
    const turn = turnOf(second.next());
    // A server that nobody has told the queue of.
    stage.slots.inFlight[0]!--;
    const late = turnOf(third.next());
    await seen();
    expect([turn.value, late.value]).toEqual(['web/10.0.0.1:1', 'waiting']);
    stage.slots.inFlight[0]!++;
    for (const exchange of [first, second, third]) end(exchange);
  });

  it('holds nothing after its end, though its turn had come', async () => {
    const stage = await stageOf(1, oneEach({ length: 2 }));
    const [first, second] = [stage.request(), stage.request()];
    first.next();
    turnOf(second.next());
    end(first);
    second.end({ kind: 'client_aborted' }, bytes);
    expect([stage.inFlight, stage.traffic('web')]).toEqual([0, { inFlight: 0, retries: 0, waiting: 0 }]);
  });

  it('gives its place up with its end, and with an answer of the proxy', async () => {
    const stage = await stageOf(1, oneEach({ length: 2 }));
    const [first, second, third] = [stage.request(), stage.request(), stage.request()];
    first.next();
    const turns = [turnOf(second.next()), turnOf(third.next())];
    second.answered(400, 'bad_request');
    third.end({ kind: 'client_aborted' }, bytes);
    expect([stage.traffic('web').waiting, stage.clock.pending]).toEqual([0, 0]);
    end(first);
    end(second);
    await seen();
    expect([stage.inFlight, ...turns.map(({ value }) => value)]).toEqual([0, 'waiting', 'waiting']);
  });

  it('is served when a server is found healthy', async () => {
    const stage = await stageOf(2, oneEach({ length: 2 }));
    const ill = stage.slots.get('web/10.0.0.1:2')!;
    stage.slots.verdicts[ill.slot] = verdict.unhealthy;
    const [first, second] = [stage.request(), stage.request()];
    first.next();
    const turn = turnOf(second.next());
    stage.slots.verdicts[ill.slot] = verdict.healthy;
    serveQueueOf(ill.key, stage.serving.table.value);
    await seen();
    expect(turn.value).toBe(ill.key);
    for (const exchange of [first, second]) end(exchange);
  });

  it('is told when nobody is left to wait for', async () => {
    const stage = await stageOf(1, oneEach({ length: 2 }));
    const only = stage.slots.get('web/10.0.0.1:1')!;
    const [first, second, third] = [stage.request(), stage.request(), stage.request()];
    first.next();
    const turn = turnOf(second.next());
    stage.slots.verdicts[only.slot] = verdict.unhealthy;
    expect(answerOf(third.next())).toBe(ownAnswer('no_healthy_server'));
    await seen();
    expect(turn.value).toBe('no_healthy_server');
    for (const exchange of [first, second, third]) end(exchange);
  });

  it('gets the answer of a backend that is gone, or a server of the newest version', async () => {
    const stage = await stageOf(1, oneEach({ length: 2 }));
    const [first, second, third] = [stage.request(), stage.request(), stage.request()];
    first.next();
    const turns = [turnOf(second.next()), turnOf(third.next())];
    await stage.publish(...objects(2, oneEach({ length: 2 })));
    await stage.publish();
    await seen();
    expect(turns.map(({ value }) => value)).toEqual(['web/10.0.0.1:2', 'no_servers']);
    for (const exchange of [first, second, third]) end(exchange);
    expect([stage.inFlight, stage.slots.size, stage.clock.pending]).toEqual([0, 0, 0]);
  });

  it('is answered at once where there is no queue', async () => {
    const stage = await stageOf(1, oneEach());
    const [first, second] = [stage.request(), stage.request()];
    first.next();
    expect(answerOf(second.next())).toBe(ownAnswer('overloaded'));
    for (const exchange of [first, second]) end(exchange);
  });
});

describe('a request whose backend is gone before its end', () => {
  it('does not bring back the counters that went with the backend', async () => {
    const session = resolveSession({});
    const stage = await stageOf(1, { session });
    const [early, late] = [stage.request(), stage.request()];
    for (const exchange of [early, late]) exchange.next();
    early.answered(200, '');
    end(early);
    expect([stage.metrics.backends.has('web'), stage.metrics.sessions.has('web')]).toEqual([true, true]);
    await stage.publish();
    stage.metrics.forgetBackend('web');
    late.answered(200, '');
    end(late);
    expect([...stage.metrics.backends.keys(), ...stage.metrics.sessions.keys()]).toEqual(['']);
    expect(stage.metrics.backends.get('')?.byStatusClass[2]).toBe(1);
  });
});
