import { LatestValue } from '@headgate/shared/latest-value';
import { ManualClock } from '@headgate/shared/manual-clock';
import { resolveBackend, type BackendDocument } from '@headgate/shared/model/backend';
import type { Host } from '@headgate/shared/model/host';
import { HostTable } from '@headgate/shared/routing/host-table';
import { ShardedMap } from '@headgate/shared/sharded-map';
import { Availability } from '../balancing/availability.ts';
import { PickPosition } from '../balancing/pick-position.ts';
import type { PickContext, PickResult } from '../balancing/picker.ts';
import type { CompiledBackend, ServingTable } from '../routing/serving-table.ts';
import { BackendTraffic } from '../upstream/backend-traffic.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { AccessLog } from './access-log.ts';
import { createDecide, createRefuse } from './decide.ts';
import type { Decision, ForwardExchange, RequestHead } from './forwarder.ts';
import { ownAnswer } from './own-answer.ts';
import { ProxyMetrics } from './proxy-metrics.ts';

const slots = new ServerSlots();
const [one, two] = ['10.0.0.1', '10.0.0.2'].map((address) =>
  slots.acquire({ key: `web/${address}:80`, backend: 'web', address, port: 80 }),
);

interface Setting {
  readonly pick?: (context: PickContext) => PickResult;
  readonly backend?: Partial<BackendDocument>;
  readonly hosts?: readonly Host[];
  readonly trusted?: readonly string[];
  readonly random?: () => number;
}

function setUp({ pick, backend = {}, hosts, trusted = [], random }: Setting = {}) {
  const clock = new ManualClock();
  const metrics = new ProxyMetrics();
  const lines: Record<string, unknown>[] = [];
  const sink = {
    write: (text: string) =>
      lines.push(
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as never),
      ) > 0,
    once: () => undefined,
  };
  const accessLog = new AccessLog({ sink, clock });
  const table = new LatestValue(tableOf({ pick, backend, hosts }));
  let ids = 0;
  const options = {
    table,
    slots,
    metrics,
    accessLog,
    showVersion: false,
    clock,
    cutSignal: (server: { key: string }) => cuts.get(server.key) ?? AbortSignal.abort(),
    isTrustedProxy: (address: string) => trusted.includes(address),
    createRequestId: () => `id-${ids++}`,
    ...(random && { random }),
  };
  const cuts = new Map([[one!.key, new AbortController().signal]]);
  return {
    decide: createDecide(options),
    refuse: createRefuse(options),
    clock,
    metrics,
    table,
    cuts,
    lines: () => (accessLog.flush(), lines),
  };
}

function tableOf({
  pick = inTurn,
  backend = {},
  hosts = [{ pattern: 'a.test', routes: [{ backend: 'web' }] }],
}: Setting): ServingTable {
  const draft = HostTable.empty().edit();
  for (const host of hosts) draft.set(host);
  const backends = ShardedMap.empty<CompiledBackend>().edit();
  const settings = resolveBackend({ name: 'web', ...backend });
  backends.set('web', {
    settings,
    candidates: [],
    picker: { pick, peek: pick },
    availability: new Availability({ slots, candidates: [], requestsPerServer: 0, failOpen: false }),
    position: new PickPosition(),
    traffic: new BackendTraffic(),
    usedBy: 1,
  });
  return { id: { epoch: 'e1', version: 7 }, hosts: draft.done(), backends: backends.done() };
}

function inTurn({ tried }: PickContext): PickResult {
  return tried.length === 0 ? { kind: 'server', server: one! } : { kind: 'server', server: two! };
}

function head(rest: Partial<RequestHead> = {}): RequestHead {
  return {
    method: 'GET',
    target: '/',
    version: '1.1',
    rawHeaders: ['Host', 'a.test'],
    clientAddress: '192.0.2.1',
    clientPort: 4711,
    encrypted: false,
    upgrade: false,
    ...rest,
  };
}

function reasonOf(decision: Decision): string {
  return decision.kind === 'answer' ? `${decision.answer.status} ${decision.answer.reason}` : 'forward';
}

function forwarded(decision: Decision): ForwardExchange {
  if (decision.kind !== 'forward') throw new Error(decision.answer.reason);
  return decision.exchange;
}

const unsent = { sent: false, bodyComplete: true };
const ended = { received: 3, sent: 4 };

describe('createDecide', () => {
  it.each<[string, Partial<RequestHead>]>([
    ['400 missing_host', { rawHeaders: [] }],
    ['400 several_hosts', { rawHeaders: ['Host', 'a.test', 'host', 'a.test'] }],
    ['400 invalid_host', { rawHeaders: ['Host', 'user@a.test'] }],
    ['400 invalid_host', { rawHeaders: ['Host', ''] }],
    ['400 invalid_host', { target: 'http://a.test/', rawHeaders: ['Host', 'a b'] }],
    ['400 invalid_host', { target: 'http://x@a.test/' }],
    ['400 missing_host', { target: 'http://a.test/', rawHeaders: [] }],
    ['400 invalid_target', { target: 'a' }],
    ['400 invalid_framing', { rawHeaders: ['Host', 'a.test', 'Content-Length', '1', 'Transfer-Encoding', 'chunked'] }],
    ['404 unknown_host', { rawHeaders: ['Host', 'b.test'] }],
    ['404 unknown_host', { rawHeaders: [], version: '1.0' }],
    ['405 method_not_allowed', { method: 'TRACE' }],
    ['405 method_not_allowed', { method: 'CONNECT', target: 'a.test:443' }],
    ['417 expectation_failed', { rawHeaders: ['Host', 'a.test', 'Expect', 'x'] }],
    ['501 transfer_coding_not_supported', { rawHeaders: ['Host', 'a.test', 'Transfer-Encoding', 'gzip, chunked'] }],
    ['forward', {}],
    ['forward', { rawHeaders: ['HOST', 'A.Test.:8080'] }],
    ['forward', { target: 'http://a.test/x', rawHeaders: ['Host', 'b.test'] }],
  ])('answers %s', (wanted, request) => {
    expect(reasonOf(setUp().decide(head(request)))).toBe(wanted);
  });

  it('says which part of routing found nothing', () => {
    const { decide } = setUp({ hosts: [{ pattern: 'a.test', routes: [{ path: { exact: '/x' }, backend: 'web' }] }] });
    expect(reasonOf(decide(head()))).toBe('404 no_route');
    expect(reasonOf(decide(head({ target: '/x?y' })))).toBe('forward');
  });

  it('routes by method, headers and query, as the client sent them', () => {
    const match = {
      method: 'GET',
      headers: [{ name: 'canary', exact: 'a, b' }],
      query: [{ name: 'q x', present: true as const }],
    };
    const { decide } = setUp({ hosts: [{ pattern: 'a.test', routes: [{ ...match, backend: 'web' }] }] });
    const rawHeaders = ['Host', 'a.test', 'Canary', 'a', 'CANARY', 'b'];
    expect(reasonOf(decide(head({ target: '/?q+x', rawHeaders })))).toBe('forward');
    expect(reasonOf(decide(head({ target: 'http://a.test?q%20x=1', rawHeaders })))).toBe('forward');
    expect(reasonOf(decide(head({ target: '/?q+x', rawHeaders, method: 'HEAD' })))).toBe('404 no_route');
    expect(reasonOf(decide(head({ target: '/?q+x', rawHeaders: rawHeaders.slice(0, 4) })))).toBe('404 no_route');
    expect(reasonOf(decide(head({ target: '/?qx', rawHeaders })))).toBe('404 no_route');
  });

  it('shares the requests of a route out by weight, drawn for each one', () => {
    const backends = [
      { name: 'web', weight: 3 },
      { name: 'absent', weight: 1 },
      { name: 'nobody', weight: 0 },
    ];
    let draws = 0;
    const random = () => (draws++ % 8) / 8;
    const { decide } = setUp({ hosts: [{ pattern: 'a.test', routes: [{ backends }] }], random });
    const reasons = Array.from({ length: 16 }, () => reasonOf(decide(head())));
    const round = [...Array<string>(6).fill('forward'), '503 no_servers', '503 no_servers'];
    expect([reasons, draws]).toEqual([[...round, ...round], 16]);
  });

  it('draws nothing for a route to one backend', () => {
    const random = jest.fn(() => 0);
    expect(reasonOf(setUp({ random }).decide(head()))).toBe('forward');
    expect(random.mock.calls).toEqual([]);
  });

  it('gives HTTP/1.0 without Host the default host, and names none to the server', () => {
    const { decide } = setUp({ hosts: [{ pattern: '*', routes: [{ backend: 'web' }] }] });
    const exchange = forwarded(decide(head({ version: '1.0', rawHeaders: [] })));
    expect(exchange.requestHeaders).not.toContain('Host');
  });

  it('asks the server for the path of an absolute target, by its authority', () => {
    const exchange = forwarded(
      setUp().decide(head({ target: 'http://A.test:81/x?y', rawHeaders: ['Host', 'b.test'] })),
    );
    expect(exchange.target).toBe('/x?y');
    expect(exchange.requestHeaders.slice(0, 2)).toEqual(['Host', 'A.test:81']);
  });

  it('refuses content that is declared too large for the backend, before a byte of it is read', () => {
    const { decide } = setUp({ backend: { limits: { requestBodyBytes: 10 } } });
    expect(reasonOf(decide(head({ rawHeaders: ['Host', 'a.test', 'Content-Length', '11'] })))).toBe(
      '413 request_too_large',
    );
    expect(reasonOf(decide(head({ rawHeaders: ['Host', 'a.test', 'Content-Length', '10'] })))).toBe('forward');
  });

  it('takes the id of a trusted proxy, and of nobody else', () => {
    const rawHeaders = ['Host', 'a.test', 'X-Request-Id', 'theirs'];
    expect(setUp({ trusted: ['192.0.2.1'] }).decide(head({ rawHeaders })).exchange.requestId).toBe('theirs');
    expect(setUp().decide(head({ rawHeaders })).exchange.requestId).toBe('id-0');
  });

  it('serves each request by the table that was live when it came', () => {
    const { decide, table } = setUp();
    const first = decide(head());
    table.set({ ...table.value, id: { epoch: 'e1', version: 8 } });
    expect([first.exchange.version, decide(head()).exchange.version]).toEqual([7, 8]);
  });
});

describe('a forwarded exchange', () => {
  it('counts its server as in flight, exactly until it moves on or ends', () => {
    const { decide, metrics } = setUp();
    const inFlight = (): number[] => [one, two].map((server) => slots.inFlight[server!.slot]!);
    const exchange = forwarded(decide(head()));
    expect([inFlight(), metrics.inFlight]).toEqual([[0, 0], 1]);
    exchange.next();
    expect(inFlight()).toEqual([1, 0]);
    exchange.next(unsent);
    expect(inFlight()).toEqual([0, 1]);
    exchange.end({ kind: 'complete' }, ended);
    exchange.end({ kind: 'complete' }, ended);
    expect([inFlight(), metrics.inFlight]).toEqual([[0, 0], 0]);
  });

  it('is tried twice, and then answers by what went wrong last', () => {
    const { decide, metrics } = setUp();
    const exchange = forwarded(decide(head()));
    exchange.next();
    exchange.failure('connect_timeout');
    exchange.next(unsent);
    exchange.failure('connect_failed');
    expect(exchange.next(unsent)).toEqual({ kind: 'none', answer: ownAnswer('connect_failed') });
    exchange.end({ kind: 'complete' }, ended);
    expect([
      metrics.retries,
      metrics.upstreamFailures.get('connect_failed'),
      metrics.upstreamFailures.get('connect_timeout'),
    ]).toEqual([1, 1, 1]);
  });

  it.each([
    ['no_servers', 'no_servers'],
    ['no_healthy_server', 'no_healthy_server'],
  ] as const)('answers 503 when there are %s', (reason, wanted) => {
    const exchange = forwarded(setUp({ pick: () => ({ kind: 'none', reason }) }).decide(head()));
    expect(exchange.next()).toEqual({ kind: 'none', answer: ownAnswer(wanted) });
    exchange.end({ kind: 'complete' }, ended);
  });

  it('shows the picker what it may depend on', () => {
    let seen: PickContext | undefined;
    const { decide } = setUp({
      pick: (context) => ((seen = context), { kind: 'none', reason: 'no_servers' }),
      trusted: ['192.0.2.1'],
    });
    forwarded(
      decide(head({ target: '/x?y', rawHeaders: ['Host', 'A.TEST:80', 'X-Forwarded-For', '198.51.100.7'] })),
    ).next();
    expect([seen?.clientAddress, seen?.authority, seen?.path, seen?.header('host')]).toEqual([
      '198.51.100.7',
      'a.test',
      '/x',
      'A.TEST:80',
    ]);
  });

  it('is cut with the server that it is at', () => {
    const { decide, cuts } = setUp();
    const exchange = forwarded(decide(head()));
    expect(exchange.cut.aborted).toBe(false);
    exchange.next();
    expect(exchange.cut).toBe(cuts.get(one!.key));
    exchange.end({ kind: 'complete' }, ended);
  });
});

describe('accounting', () => {
  it('logs one line for each request, without the query', () => {
    const { decide, clock, lines } = setUp();
    const exchange = forwarded(decide(head({ target: '/x?token=secret' })));
    exchange.next();
    exchange.answered(200, '');
    clock.advance(12);
    exchange.end({ kind: 'truncated', reason: 'connection_lost' }, ended);
    exchange.end({ kind: 'complete' }, ended);
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({
      requestId: 'id-0',
      epoch: 'e1',
      version: 7,
      client: '192.0.2.1',
      method: 'GET',
      host: 'a.test',
      path: '/x',
      backend: 'web',
      server: '10.0.0.1:80',
      status: 200,
      reason: '',
      outcome: 'truncated',
      cause: 'connection_lost',
      receivedBytes: 3,
      sentBytes: 4,
      durationMs: 12,
      attempts: 1,
    });
  });

  it('counts by backend and status, and own answers by reason', () => {
    const { decide, metrics } = setUp();
    const exchange = forwarded(decide(head()));
    exchange.answered(404, '');
    exchange.end({ kind: 'complete' }, ended);
    const unknown = decide(head({ rawHeaders: ['Host', 'b.test'] }));
    unknown.exchange.answered(404, 'unknown_host');
    unknown.exchange.end({ kind: 'complete' }, ended);
    expect([metrics.backends.get('web')?.byStatusClass[4], metrics.backends.get('')?.byStatusClass[4]]).toEqual([1, 1]);
    expect([...metrics.ownAnswers]).toEqual([['unknown_host', 1]]);
  });

  it('counts and logs what an engine refuses by itself', () => {
    const { refuse, lines, metrics } = setUp();
    const { answer, exchange } = refuse({
      answer: ownAnswer('header_too_large'),
      clientAddress: '192.0.2.1',
      method: 'GET',
      target: '/x?y',
    });
    exchange.answered(answer.status, answer.reason);
    exchange.end({ kind: 'complete' }, ended);
    expect(lines()[0]).toMatchObject({ status: 431, reason: 'header_too_large', path: '/x', backend: '', attempts: 0 });
    expect([metrics.ownAnswers.get('header_too_large'), metrics.inFlight]).toEqual([1, 0]);
  });
});
