import { ManualClock } from '@headgate/shared/manual-clock';
import { resolveBackend, type BackendDocument } from '@headgate/shared/model/backend';
import type { Route } from '@headgate/shared/model/host';
import { SessionValues } from '../affinity/session-values.ts';
import { ServingState } from '../routing/serving-state.ts';
import { full, host, server } from '../routing/snapshot-objects.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots, verdict } from '../upstream/server-slots.ts';
import { createDecide } from './decide.ts';
import type { ForwardExchange, RequestHead } from './forwarder.ts';
import { ProxyMetrics } from './proxy-metrics.ts';

const nothingSent = { sent: false, bodyComplete: true };

describe('sessions of requests', () => {
  let slots: ServerSlots;
  let values: SessionValues;
  let serving: ServingState;
  let metrics: ProxyMetrics;
  let random: number;
  let decide: ReturnType<typeof createDecide>;

  beforeEach(async () => {
    const clock = new ManualClock();
    slots = new ServerSlots();
    values = new SessionValues();
    await values.adopt([{ id: 'key1', secret: Buffer.alloc(32, 1), issuing: true }]);
    const drains = new DrainTimers({ slots, clock });
    serving = new ServingState({ slots, drains, clock, values });
    metrics = new ProxyMetrics();
    random = 0;
    decide = createDecide({
      table: serving.table,
      slots,
      metrics,
      accessLog: undefined,
      showVersion: false,
      clock,
      cutSignal: drains.cutSignal.bind(drains),
      isTrustedProxy: (address) => address === '10.9.9.9',
      createRequestId: () => 'id',
      random: () => random,
    });
    await serve();
  });

  /** Backends `web` and `canary` of three servers each. */
  async function serve(more: Partial<BackendDocument> = {}, route: Route = { backend: 'web' }): Promise<void> {
    const objects = ['web', 'canary'].flatMap((name) => [
      { kind: 'backend' as const, value: resolveBackend({ name, session: {}, ...more }) },
      ...[1, 2, 3].map((port) => server(name, port)),
    ]);
    const prepared = await serving.prepare(full(serving.table.value.id.version + 1, ...objects, host('a.test', route)));
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
  }

  function ask(cookies: readonly string[] = [], rest: Partial<RequestHead> = {}): ForwardExchange {
    const decision = decide({
      method: 'GET',
      target: '/',
      version: '1.1',
      rawHeaders: ['Host', 'a.test', ...cookies.flatMap((cookie) => ['Cookie', cookie])],
      clientAddress: '192.0.2.1',
      clientPort: 1,
      encrypted: false,
      upgrade: false,
      ...rest,
    });
    if (decision.kind !== 'forward') throw new Error(decision.answer.reason);
    return decision.exchange;
  }

  function portOf(next: ReturnType<ForwardExchange['next']>): number {
    return next.kind === 'server' ? next.server.port : 0;
  }

  function cookiesOf(fields: readonly string[]): readonly string[] {
    return fields.filter((_, index) => index % 2 === 1 && fields[index - 1]!.toLowerCase() === 'set-cookie');
  }

  /** Server and Set-Cookie of one request that is answered at once. */
  function visit(cookies: readonly string[] = [], rest: Partial<RequestHead> = {}) {
    const exchange = ask(cookies, rest);
    const port = portOf(exchange.next());
    const set = cookiesOf(exchange.responseHeaders(200, []));
    exchange.answered(200, '');
    exchange.end({ kind: 'complete' }, { received: 0, sent: 0 });
    return { port, set, backend: exchange.backend.name, sent: cookieFieldsOf(exchange.requestHeaders) };
  }

  function cookieFieldsOf(fields: readonly string[]): readonly string[] {
    return fields.filter((_, index) => index % 2 === 1 && fields[index - 1] === 'Cookie');
  }

  const pairOf = (setCookie: string): string => setCookie.split(';')[0]!;
  const valueOf = (port: number, backend = 'web'): string =>
    `route=${values.valueFor(slots.get(`${backend}/10.0.0.1:${port}`)!)!}`;

  it('begin with a cookie and stay where they began', () => {
    const first = visit();
    expect(first).toMatchObject({ port: 1, set: [`${valueOf(1)}; Path=/; HttpOnly; SameSite=Lax`] });
    expect(visit().port).toBe(2);
    for (let index = 0; index < 3; index++)
      expect(visit([`a=1; ${pairOf(first.set[0]!)}`])).toMatchObject({ port: 1, set: [] });
    expect(metrics.sessions.get('web')).toEqual({ kept: 3, moved: 0, new: 2 });
  });

  it('move with a retry, with the cookie of the server that answered', () => {
    const exchange = ask([valueOf(2)]);
    expect(portOf(exchange.next())).toBe(2);
    exchange.failure('connect_failed');
    const port = portOf(exchange.next(nothingSent));
    expect(port).not.toBe(2);
    expect(cookiesOf(exchange.responseHeaders(200, [])).map(pairOf)).toEqual([valueOf(port)]);
    exchange.answered(200, '');
    expect(metrics.sessions.get('web')).toEqual({ kept: 0, moved: 1, new: 0 });
  });

  it.each([200, 204, 304, 404, 500, 503, 101])('are told with the status %i of a server', (status) => {
    const exchange = ask();
    exchange.next();
    expect(cookiesOf(exchange.responseHeaders(status, []))).toHaveLength(1);
  });

  it.each([100, 102, 103])('are not told with the interim status %i', (status) => {
    const exchange = ask();
    exchange.next();
    expect(cookiesOf(exchange.responseHeaders(status, []))).toEqual([]);
  });

  it('are told after a cookie of that name that the server sets itself', () => {
    const exchange = ask();
    exchange.next();
    const set = cookiesOf(exchange.responseHeaders(200, ['Set-Cookie', 'route=mine', 'Set-Cookie', 'b=2']));
    expect(set.map(pairOf)).toEqual(['route=mine', 'b=2', valueOf(1)]);
  });

  it('are not counted for answers of our own', () => {
    const exchange = ask();
    exchange.next();
    exchange.answered(502, exchange.failure('connection_lost').reason);
    expect(metrics.sessions.size).toBe(0);
  });

  it.each<[string, readonly string[]]>([
    ['forged', ['route=key1.AAAAAAAAAAAAAAAAAAAAAA']],
    ['huge', [`route=${'x'.repeat(15_000)}`]],
    ['empty', ['route=']],
  ])('begin anew with a %s cookie', (_, cookies) => {
    expect([visit(cookies), visit(cookies)]).toMatchObject([
      { port: 1, set: [expect.stringContaining(valueOf(1))] },
      { port: 2, set: [expect.stringContaining(valueOf(2))] },
    ]);
  });

  it('begin anew with several cookies of that name, in one field or in two', () => {
    for (const cookies of [[`${valueOf(3)}; ${valueOf(3)}`], [valueOf(3), valueOf(2)]]) {
      const { port, set } = visit(cookies);
      expect(port).not.toBe(3);
      expect(set.map(pairOf)).toEqual([valueOf(port)]);
    }
  });

  it('have secure cookies where the client came over TLS, to us or to a trusted proxy', () => {
    const secure = (rest: Partial<RequestHead>): boolean => visit([], rest).set[0]!.endsWith('; Secure');
    const forwarded = (proto: string): Partial<RequestHead> => ({
      rawHeaders: ['Host', 'a.test', 'X-Forwarded-Proto', proto],
    });
    expect(secure({})).toBe(false);
    expect(secure({ encrypted: true })).toBe(true);
    expect(secure(forwarded('https'))).toBe(false);
    const behind = { clientAddress: '10.9.9.9' };
    expect(secure({ ...forwarded('HTTPS'), ...behind })).toBe(true);
    expect(secure({ ...forwarded('http'), ...behind, encrypted: true })).toBe(false);
    expect(secure({ ...behind, encrypted: true })).toBe(true);
  });

  it('are seen by servers, unless their cookie is to be stripped', async () => {
    expect(visit([`a=1; ${valueOf(1)};b=2`]).sent).toEqual([`a=1; ${valueOf(1)};b=2`]);
    await serve({ session: { strip: true } });
    const cookies = [`a=1; ${valueOf(1)};b=2`, valueOf(2), 'c=3'];
    expect(visit(cookies).sent).toEqual(['a=1;b=2', 'c=3']);
    expect(visit([valueOf(2)])).toMatchObject({ port: 2, sent: [] });
  });

  it('keep a client at the backend that its cookie is of, whatever the weights', async () => {
    const backends = [
      { name: 'web', weight: 90 },
      { name: 'canary', weight: 10 },
    ];
    await serve({}, { backends });
    expect(visit().backend).toBe('web');
    random = 0.95;
    const first = visit();
    expect(first.backend).toBe('canary');
    random = 0;
    expect(visit([pairOf(first.set[0]!)])).toMatchObject({ backend: 'canary', port: first.port, set: [] });
    slots.verdicts[slots.get(`canary/10.0.0.1:${first.port}`)!.slot] = verdict.unhealthy;
    const moved = visit([pairOf(first.set[0]!)]);
    expect(moved.backend).toBe('canary');
    expect(moved.port).not.toBe(first.port);
  });

  it('do not keep a client at a backend whose weight is nothing', async () => {
    const backends = [
      { name: 'web', weight: 1 },
      { name: 'canary', weight: 0 },
    ];
    await serve({}, { backends });
    expect(visit([valueOf(1, 'canary')]).backend).toBe('web');
  });

  it('go on through a change of their backend, and need no cookie again', async () => {
    const { set } = visit();
    await serve({ balance: { algorithm: 'round_robin' }, timeouts: { connect: '9s' } });
    expect(visit([pairOf(set[0]!)])).toMatchObject({ port: 1, set: [] });
  });
});
