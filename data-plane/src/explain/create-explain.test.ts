import { resolveExplainQuestion } from '@headgate/shared/model/explain-question';
import { resolveBackend, type Backend, type BackendDocument } from '@headgate/shared/model/backend';
import { algorithms } from '@headgate/shared/model/balance';
import type { Server } from '@headgate/shared/model/server';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import fc from 'fast-check';
import { beginRamp } from '../balancing/slow-start.ts';
import { CoreStage } from '../proxy/core-stage.cases.ts';
import { host, server } from '../routing/snapshot-objects.cases.ts';
import { verdict } from '../upstream/server-slots.ts';
import { createExplain, type Explain } from './create-explain.ts';
import type { KnownHealth } from './explain-candidates.ts';
import type { ExplainedBackend, Explanation } from './explanation.ts';

const sessionKey = { id: 'key1', secret: Buffer.alloc(32, 1), issuing: true };

describe('explaining a request', () => {
  let stage: CoreStage;
  let explain: Explain;
  let health: Map<string, KnownHealth>;
  beforeEach(() => {
    stage = new CoreStage(() => 0);
    health = new Map();
    explain = createExplain({
      table: stage.serving.table,
      slots: stage.slots,
      clock: stage.clock,
      healthOf: (key) => health.get(key),
      isTrustedProxy: (address) => address === '10.9.9.9',
    });
  });
  afterEach(() => stage.close());

  /** A backend with servers on these ports, and the host a.test before it. */
  async function publish(settings: Partial<BackendDocument>, servers: Record<number, Partial<Server>>): Promise<void> {
    await stage.publish(...backendOf('web', settings, servers), host('a.test', 'web'));
  }

  function ask(question: Partial<Parameters<typeof resolveExplainQuestion>[0]> = {}): Explanation {
    return explain(resolveExplainQuestion({ url: 'http://a.test/', clientAddress: '192.0.2.1', ...question }));
  }

  function web(question: Parameters<typeof ask>[0] = {}): ExplainedBackend {
    return ask(question).backends[0]!;
  }

  function judge(port: number, as: (typeof verdict)[keyof typeof verdict]): void {
    stage.slots.verdicts[stage.slots.get(`web/10.0.0.1:${port}`)!.slot] = as;
  }

  it('is certain of no order that several threads have each for themselves', async () => {
    const { serving, slots, clock } = stage;
    const several = createExplain({
      ...{ table: serving.table, slots, clock, isTrustedProxy: () => false, severalOrders: true },
      healthOf: () => undefined,
    });
    const question = resolveExplainQuestion({ url: 'http://a.test/', clientAddress: '192.0.2.1' });
    for (const algorithm of ['round_robin', 'weighted_round_robin', 'consistent_hash'] as const) {
      await publish({ balance: { algorithm } }, { 1: {}, 2: {} });
      expect(several(question).backends[0]?.pick).toMatchObject({ certain: algorithm === 'consistent_hash' });
      expect(web().pick).toMatchObject({ certain: true });
    }
  });

  it('says what would be asked, where that leads and by which version', async () => {
    await publish({}, { 1: {} });
    const headers = { 'X-Forwarded-For': '203.0.113.7' };
    expect(ask({ url: 'HTTP://A.test:8080?q=1', headers, clientAddress: '10.9.9.9' })).toMatchObject({
      epoch: 'e',
      version: 1,
      request: { method: 'GET', target: '/?q=1', authority: 'a.test', clientAddress: '203.0.113.7' },
      host: 'a.test',
      route: 0,
      backends: [{ backend: 'web', share: 1, algorithm: 'weighted_round_robin', session: { decision: 'none' } }],
    });
    expect(ask({ url: '/', headers: { ...headers, Host: 'a.test' } })).toMatchObject({
      request: { clientAddress: '192.0.2.1' },
      host: 'a.test',
    });
  });

  it.each<[Parameters<typeof ask>[0], number, string]>([
    [{ url: 'http://other.test/' }, 404, 'unknown_host'],
    [{ url: '/' }, 400, 'missing_host'],
    [{ url: '/', headers: { host: ['a.test', 'b.test'] } }, 400, 'several_hosts'],
    [{ url: 'http://a_b@test/' }, 400, 'invalid_host'],
    [{ url: 'a.test/x' }, 400, 'invalid_target'],
    [{ url: '*' }, 400, 'invalid_target'],
    [{ method: 'TRACE' }, 405, 'method_not_allowed'],
    [{ headers: { 'content-length': ['1', '2'] } }, 400, 'invalid_framing'],
  ])('says what the data plane answers itself: %j', async (question, status, reason) => {
    await publish({}, { 1: {} });
    expect(ask(question)).toMatchObject({ version: 1, answer: { status, reason }, backends: [] });
  });

  it('says so when the host has no route for it', async () => {
    const route = { path: { exact: '/only' }, backend: 'web' };
    await stage.publish(...backendOf('web', {}, { 1: {} }), host('a.test', route));
    expect(ask()).toMatchObject({ host: 'a.test', answer: { status: 404, reason: 'no_route' } });
    expect(ask({ url: 'http://a.test/only' })).toMatchObject({ route: 0, backends: [{ backend: 'web' }] });
  });

  it('says so when a body is too large', async () => {
    await publish({ limits: { requestBodyBytes: 10 } }, { 1: {} });
    expect(web({ method: 'POST', headers: { 'content-length': '11' } }).pick).toEqual({
      answer: { status: 413, reason: 'request_too_large' },
    });
  });

  it('gives every server with the reason why it is out', async () => {
    const servers = {
      1: {},
      2: {},
      3: {},
      4: { state: 'draining' },
      5: { state: 'disabled' },
      6: { priority: 1 },
      7: {},
    };
    await publish({ limits: { requestsPerServer: 2 }, healthCheck: { type: 'tcp' } }, servers);
    judge(1, verdict.healthy);
    judge(2, verdict.unhealthy);
    health.set('web/10.0.0.1:2', { sinceMs: 1_000, lastError: 'x'.repeat(500) });
    stage.slots.ejected[stage.slots.get('web/10.0.0.1:3')!.slot] = 1;
    stage.slots.inFlight[stage.slots.get('web/10.0.0.1:7')!.slot] = 2;
    const { candidates, pick } = web();
    expect(candidates.map(({ server: name, in: isIn, reason }) => [name, isIn, reason])).toEqual([
      ['10.0.0.1:1', true, undefined],
      ['10.0.0.1:2', false, 'unhealthy'],
      ['10.0.0.1:3', false, 'ejected'],
      ['10.0.0.1:4', false, 'draining'],
      ['10.0.0.1:5', false, 'disabled'],
      ['10.0.0.1:6', false, 'lower_tier'],
      ['10.0.0.1:7', false, 'at_limit'],
    ]);
    expect(candidates[1]).toEqual({
      server: '10.0.0.1:2',
      weight: 1,
      effectiveWeight: 1,
      priority: 0,
      zone: '',
      state: 'active',
      verdict: 'unhealthy',
      ejected: false,
      since: '1970-01-01T00:00:01.000Z',
      lastError: 'x'.repeat(200),
      inFlight: 0,
      in: false,
      reason: 'unhealthy',
    });
    expect(pick).toEqual({ server: '10.0.0.1:1', certain: true });
  });

  it('shows how far a server that starts slowly has come', async () => {
    await publish({ slowStart: '10s' }, { 1: { weight: 10 }, 2: { weight: 10 } });
    beginRamp(stage.slots, stage.slots.get('web/10.0.0.1:1')!, stage.clock.monotonic());
    stage.clock.advance(5_000);
    const { candidates, pick } = web();
    expect(candidates.map(({ effectiveWeight }) => effectiveWeight)).toEqual([5.5, 10]);
    expect(pick).toMatchObject({ certain: false });
  });

  it('says why nobody gets it', async () => {
    await publish({}, {});
    expect(web().pick).toEqual({ answer: { status: 503, reason: 'no_servers' } });
    await publish({ healthCheck: { type: 'tcp' } }, { 1: {} });
    judge(1, verdict.unhealthy);
    expect(web().pick).toEqual({ answer: { status: 503, reason: 'no_healthy_server' } });
    await publish({ healthCheck: { type: 'tcp' }, failOpen: true }, { 1: {} });
    expect(web()).toMatchObject({ failsOpen: true, pick: { server: '10.0.0.1:1' }, candidates: [{ in: true }] });
  });

  it('says whether it would wait, or find no place to wait in', async () => {
    await publish({ limits: { requestsPerServer: 1 } }, { 1: {} });
    expect(stage.request().next().kind).toBe('server');
    expect(web().pick).toEqual({ answer: { status: 503, reason: 'overloaded' } });
    await publish({ limits: { requestsPerServer: 1, queue: { length: 1 } } }, { 1: {} });
    expect(web().pick).toEqual({ queued: true });
    expect(stage.request().next().kind).toBe('queued');
    expect(web().pick).toEqual({ answer: { status: 503, reason: 'overloaded' } });
    expect(stage.traffic('web').waiting).toBe(1);
  });

  it('shows a thousand servers, and how many more there are', async () => {
    const ports = Object.fromEntries(Array.from({ length: 700 }, (_, index) => [index + 1, {}]));
    const route = {
      path: undefined,
      backends: [
        { name: 'web', weight: 3 },
        { name: 'api', weight: 1 },
      ],
    };
    await stage.publish(...backendOf('web', {}, ports), ...backendOf('api', {}, ports), host('a.test', route));
    const { backends } = ask();
    expect(backends.map(({ backend, share }) => [backend, share])).toEqual([
      ['web', 0.75],
      ['api', 0.25],
    ]);
    expect(backends.map(({ candidates, moreCandidates }) => [candidates.length, moreCandidates])).toEqual([
      [700, 0],
      [300, 400],
    ]);
  });

  describe('with sessions', () => {
    const valueOf = (port: number, backend = 'web'): string =>
      stage.values.valueFor(stage.slots.get(`${backend}/10.0.0.1:${port}`)!)!;

    beforeEach(() => stage.values.adopt([sessionKey]));

    it('says whether a session is new, kept or moved', async () => {
      await publish({ session: {}, healthCheck: { type: 'tcp' } }, { 1: {}, 2: {}, 3: { state: 'draining' } });
      expect(web().session).toEqual({ decision: 'new' });
      expect(web({ headers: { cookie: 'route=forged' } }).session).toEqual({ decision: 'new' });
      expect(web({ headers: { cookie: `route=${valueOf(3)}` } })).toMatchObject({
        session: { decision: 'kept', server: '10.0.0.1:3' },
        pick: { server: '10.0.0.1:3', certain: true },
      });
      judge(2, verdict.unhealthy);
      expect(web({ headers: { cookie: `route=${valueOf(2)}` } })).toMatchObject({
        session: { decision: 'moved', server: '10.0.0.1:2', reason: 'unhealthy' },
        pick: { server: '10.0.0.1:1' },
      });
    });

    it('gives all of a split to the backend of the session', async () => {
      const route = {
        path: undefined,
        backends: [
          { name: 'web', weight: 3 },
          { name: 'api', weight: 1 },
        ],
      };
      const both = [...backendOf('web', { session: {} }, { 1: {} }), ...backendOf('api', { session: {} }, { 1: {} })];
      await stage.publish(...both, host('a.test', route));
      const headers = { cookie: `route=${valueOf(1, 'api')}` };
      expect(ask({ headers }).backends.map(({ share }) => share)).toEqual([0, 1]);
    });
  });

  describe.each(algorithms.map((algorithm) => [algorithm]))('under %s', (algorithm) => {
    const random = ['random', 'power_of_two', 'least_connections'].includes(algorithm);
    const balance = { algorithm };

    it('says what traffic does next, and changes nothing about it', async () => {
      const request = fc.record({
        asks: fc.nat({ max: 3 }),
        port: fc.integer({ min: 1, max: 4 }),
        path: fc.nat({ max: 9 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(request, { maxLength: 30 }), async (requests) => {
          await publish(
            { balance, healthCheck: { type: 'tcp' } },
            { 1: { weight: 3 }, 2: {}, 3: { weight: 2 }, 4: {} },
          );
          // A new order finds its place at the first look, whoever looks.
          web();
          for (const { asks, port, path } of requests) {
            judge(port, verdict.unhealthy);
            const before = whatIsKept(stage);
            let { pick } = web({ url: `http://a.test/${path}` });
            for (let time = 0; time < asks; time++) ({ pick } = web({ url: `http://a.test/${path}` }));
            expect(whatIsKept(stage)).toEqual(before);
            const next = stage.request('GET', { target: `/${path}` }).next();
            if (next.kind !== 'server') throw new Error('nobody was picked');
            if (random) expect(pick).toMatchObject({ certain: false });
            else expect(pick).toEqual({ server: `10.0.0.1:${next.server.port}`, certain: true });
            judge(port, verdict.healthy);
          }
        }),
        { numRuns: 25, seed: 3 },
      );
    });
  });
});

function backendOf(
  name: string,
  settings: Partial<BackendDocument>,
  servers: Record<number, Partial<Server>>,
): readonly SnapshotObject[] {
  const value: Backend = resolveBackend({ ...settings, name });
  return [
    { kind: 'backend', value },
    ...Object.entries(servers).map(([port, more]) => server(name, Number(port), more)),
  ];
}

/** Every count and position that serving a request could move. */
function whatIsKept({ slots, metrics, serving, clock }: CoreStage): unknown {
  const web = serving.table.value.backends.get('web')!;
  const arrays = [
    slots.inFlight,
    slots.dueRounds,
    slots.dueSteps,
    slots.dueWeights,
    slots.rampStartedMs,
    slots.verdicts,
  ];
  return structuredClone({
    arrays,
    metrics: JSON.stringify(metrics),
    inFlight: metrics.inFlight,
    traffic: { inFlight: web.traffic.inFlight, retries: web.traffic.retries },
    position: JSON.stringify(web.position),
    timers: clock.pending,
  });
}
