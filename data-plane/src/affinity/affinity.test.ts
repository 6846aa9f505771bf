import { resolveBackend, type BackendDocument } from '@headgate/shared/model/backend';
import { emptyTable } from '../routing/empty-table.ts';
import { prepareTable } from '../routing/compile-table.ts';
import { full, host, server } from '../routing/snapshot-objects.cases.ts';
import type { CompiledBackend, ServingTable } from '../routing/serving-table.ts';
import { ServerSlots, verdict, type ServerSlot } from '../upstream/server-slots.ts';
import type { PickContext } from '../balancing/picker.ts';
import { explainSession } from './explain-session.ts';
import type { SessionKey } from './session-key.ts';
import { SessionValues } from './session-values.ts';

const key: SessionKey = { id: 'key1', secret: Buffer.alloc(32, 1), issuing: true };

describe('the session of a backend', () => {
  let slots: ServerSlots;
  let values: SessionValues;
  let table: ServingTable;
  let version: number;
  beforeEach(async () => {
    slots = new ServerSlots();
    values = new SessionValues();
    slots.onFreed((freed) => values.remove(freed));
    await values.adopt([key]);
    [table, version] = [emptyTable, 0];
  });

  /** Servers by port, with their states. */
  async function compile(states: Readonly<Record<number, string>>, more: Partial<BackendDocument> = {}): Promise<void> {
    const settings = resolveBackend({ name: 'web', session: {}, ...more });
    const servers = Object.entries(states).map(([port, state]) => server('web', Number(port), { state }));
    const others = [
      { kind: 'backend' as const, value: resolveBackend({ name: 'api', session: {} }) },
      server('api', 1),
    ];
    const change = full(++version, { kind: 'backend', value: settings }, ...servers, ...others, host('a.test', 'web'));
    const prepared = await prepareTable(table, change, slots, { values });
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    for (const removed of prepared.servers.removed) slots.retire(removed.key);
    table = prepared.table;
  }

  const web = (): CompiledBackend => table.backends.get('web')!;
  const slotOf = (port: number, backend = 'web'): ServerSlot => slots.get(`${backend}/10.0.0.1:${port}`)!;
  const valueOf = (port: number, backend = 'web'): string => values.valueFor(slotOf(port, backend))!;

  function contextWith(sessionValue: string | undefined, ...tried: readonly ServerSlot[]): PickContext {
    const nothing = () => undefined;
    const common = { clientAddress: '192.0.2.1', authority: 'a.test', path: '/', header: nothing, cookie: nothing };
    return { ...common, query: nothing, sessionValue, tried };
  }

  /** Ports that one request after the other gets. */
  function ports(sessionValue: string | undefined, times = 4, ...tried: readonly ServerSlot[]): readonly number[] {
    return Array.from({ length: times }, () => {
      const picked = web().affinity!.pick(contextWith(sessionValue, ...tried));
      return picked.kind === 'server' ? picked.server.port : 0;
    });
  }

  const cookieFor = (port: number, sent: string | undefined): string | undefined =>
    web().affinity!.cookieFor(slotOf(port), sent, false);
  const explain = (value: string | undefined, ...tried: readonly ServerSlot[]): unknown =>
    explainSession(web().affinity, contextWith(value, ...tried));

  it('brings a client back to its server, and balances the others', async () => {
    await compile({ 1: 'active', 2: 'active', 3: 'active' });
    expect(ports(undefined)).toEqual([1, 2, 3, 1]);
    expect(ports(valueOf(2))).toEqual([2, 2, 2, 2]);
    expect(ports(undefined, 1)).toEqual([2]);
    expect(explain(valueOf(2))).toEqual({ kind: 'kept', server: 'web/10.0.0.1:2' });
  });

  it('sets a cookie for a new client and for one that has moved, and else none', async () => {
    await compile({ 1: 'active', 2: 'active' });
    expect(cookieFor(1, undefined)).toBe(`route=${valueOf(1)}; Path=/; HttpOnly; SameSite=Lax`);
    expect(cookieFor(1, valueOf(1))).toBeUndefined();
    expect(cookieFor(1, valueOf(2))).toContain(valueOf(1));
  });

  it('sets a cookie in every answer when cookies have an age, so that it begins anew', async () => {
    await compile({ 1: 'active' }, { session: { maxAge: '1h' } });
    expect(cookieFor(1, valueOf(1))).toContain('Max-Age=3600');
  });

  it('replaces a cookie of a key that retires, without moving the client', async () => {
    await compile({ 1: 'active', 2: 'active' });
    const before = valueOf(2);
    await values.adopt([
      { id: 'key2', secret: Buffer.alloc(32, 2), issuing: true },
      { ...key, issuing: false },
    ]);
    expect(ports(before, 2)).toEqual([2, 2]);
    expect(cookieFor(2, before)).toMatch(/^route=key2\./);
    expect(cookieFor(2, valueOf(2))).toBeUndefined();
  });

  it.each<[string, (value: string) => string]>([
    ['made by nobody', () => 'key1.AAAAAAAAAAAAAAAAAAAAAA'],
    ['of an unknown key', (value) => value.replace('key1', 'key9')],
    ['of another backend', () => valueOf(1, 'api')],
    ['without an end', (value) => value.slice(0, 10)],
    ['that is huge', (value) => value.repeat(10_000)],
    ['that is empty', () => ''],
    ['that names the server as it is', () => '10.0.0.1:2'],
  ])('takes a cookie %s for none', async (_, change) => {
    await compile({ 1: 'active', 2: 'active' });
    const sent = change(valueOf(2));
    expect(ports(sent)).toEqual([1, 2, 1, 2]);
    expect(cookieFor(1, sent)).toContain(valueOf(1));
    expect(web().affinity!.outcome(slotOf(1), sent)).toBe('new');
    expect(explain(sent)).toEqual({ kind: 'new' });
  });

  it('keeps sessions at a draining server, which gets no new ones', async () => {
    await compile({ 1: 'active', 2: 'draining', 3: 'active' });
    expect(ports(undefined)).toEqual([1, 3, 1, 3]);
    expect(ports(valueOf(2))).toEqual([2, 2, 2, 2]);
    expect(explain(valueOf(2))).toMatchObject({ kind: 'kept' });
  });

  it.each<[string, () => Promise<void> | void]>([
    ['disabled', () => compile({ 1: 'active', 2: 'disabled' })],
    ['unhealthy', () => void (slots.verdicts[slotOf(2).slot] = verdict.unhealthy)],
    ['ejected', () => void (slots.ejected[slotOf(2).slot] = 1)],
  ])('moves sessions away from a server that is %s, with a new cookie', async (reason, happen) => {
    await compile({ 1: 'active', 2: 'active' });
    const value = valueOf(2);
    await happen();
    expect(ports(value)).toEqual([1, 1, 1, 1]);
    expect(cookieFor(1, value)).toContain(valueOf(1));
    expect(web().affinity!.outcome(slotOf(1), value)).toBe('moved');
    expect(explain(value)).toEqual({ kind: 'moved', server: 'web/10.0.0.1:2', reason });
  });

  it('moves a request away from a server at its limit, and from one that it has tried', async () => {
    await compile({ 1: 'active', 2: 'active' }, { limits: { requestsPerServer: 1 } });
    expect(ports(valueOf(2), 2, slotOf(2))).toEqual([1, 1]);
    expect(explain(valueOf(2), slotOf(2))).toMatchObject({ kind: 'moved', reason: 'tried' });
    slots.begin(slotOf(2));
    expect(ports(valueOf(2), 2)).toEqual([1, 1]);
    expect(explain(valueOf(2))).toMatchObject({ kind: 'moved', reason: 'at_limit' });
    slots.end(slotOf(2));
    expect(ports(valueOf(2), 2)).toEqual([2, 2]);
  });

  it('balances clients whose server has left, also while that ends its last requests', async () => {
    await compile({ 1: 'active', 2: 'active' });
    const value = valueOf(2);
    slots.begin(slotOf(2));
    const leaving = slotOf(2);
    await compile({ 1: 'active' });
    expect(ports(value, 2)).toEqual([1, 1]);
    expect(explain(value)).toMatchObject({ kind: 'moved', reason: 'gone' });
    slots.end(leaving);
    expect(explain(value)).toEqual({ kind: 'new' });
    await compile({ 1: 'active', 2: 'active' });
    expect(ports(value, 2)).toEqual([2, 2]);
  });

  it('keeps sessions where they are when nobody is healthy and the backend fails open', async () => {
    await compile({ 1: 'active', 2: 'active' }, { failOpen: true });
    for (const port of [1, 2]) slots.verdicts[slotOf(port).slot] = verdict.unhealthy;
    expect(ports(valueOf(2))).toEqual([2, 2, 2, 2]);
    slots.verdicts[slotOf(1).slot] = verdict.healthy;
    expect(ports(valueOf(2), 2)).toEqual([1, 1]);
  });

  it('explains without moving the order on', async () => {
    await compile({ 1: 'active', 2: 'active', 3: 'active' });
    for (let index = 0; index < 5; index++) {
      explain(undefined);
      expect(web().affinity!.peek(contextWith(undefined))).toMatchObject({ server: { port: 1 } });
      expect(web().affinity!.peek(contextWith(valueOf(3)))).toMatchObject({ server: { port: 3 } });
    }
    expect(ports(undefined, 1)).toEqual([1]);
  });

  it('is none without the setting, and costs no values', async () => {
    await compile({ 1: 'active' }, { session: undefined });
    expect(web().affinity).toBeUndefined();
    expect(values.valueFor(slotOf(1))).toBeUndefined();
    expect(explain('anything')).toEqual({ kind: 'none' });
  });

  it('goes on as it is through changes that do not touch it, and follows those that do', async () => {
    await compile({ 1: 'active', 2: 'active' });
    const before = web().affinity;
    await compile({ 1: 'active', 2: 'active' }, { timeouts: { connect: '1s' } });
    expect(web().affinity).toBe(before);
    await compile({ 1: 'active', 2: 'active' }, { session: { cookie: 'sid' } });
    expect(web().affinity).not.toBe(before);
    expect(web().affinity!.members).toBe(before!.members);
    expect(web().affinity!.read(['Cookie', 'sid=x; route=y'])).toBe('x');
  });
});
