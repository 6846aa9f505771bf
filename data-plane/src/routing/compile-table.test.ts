import { setImmediate as nextTurn } from 'node:timers/promises';
import { resolveLimits } from '@headgate/shared/model/limits';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { routeRequest } from '@headgate/shared/routing/route-request';
import { RequestView } from '@headgate/shared/routing/routed-request';
import { contextWith } from '../balancing/picker-stage.cases.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { prepareTable } from './compile-table.ts';
import { emptyTable } from './empty-table.ts';
import type { CompileFault, ServingTable, SnapshotChange, TableDifference } from './serving-table.ts';
import { backend, balanced, delta, full, healthCheck, host, httpCheck, server } from './snapshot-objects.cases.ts';

/** Applies changes one after the other, as they are published. */
class Applied {
  readonly slots = new ServerSlots();
  table: ServingTable = emptyTable;
  servers: TableDifference = { added: [], removed: [], stateChanges: [], changedBackends: [] };

  static async from(...changes: readonly SnapshotChange[]): Promise<Applied> {
    const applied = new Applied();
    for (const change of changes) await applied.apply(change);
    return applied;
  }

  async apply(change: SnapshotChange): Promise<void> {
    const prepared = await prepareTable(this.table, change, this.slots);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    this.table = prepared.table;
    this.servers = prepared.servers;
    for (const { key } of prepared.servers.removed) this.slots.retire(key);
  }

  async faults(change: SnapshotChange): Promise<readonly CompileFault[]> {
    const prepared = await prepareTable(this.table, change, this.slots);
    return prepared.ok ? [] : prepared.faults;
  }

  keys(name: string): readonly string[] | undefined {
    return this.table.backends.get(name)?.candidates.map((candidate) => candidate.server.key);
  }
}

const smallObjects = () => [
  backend('web'),
  server('web', 80),
  server('web', 81),
  backend('api'),
  host('a.test', 'web'),
];
const small = full(1, ...smallObjects());
const web = (weight: number) => ({ name: 'web', weight });
const conditions = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `n${index}`, present: true as const }));
const where = ({ object, field, code }: CompileFault) => `${object}${field} ${code}`;

describe('prepareTable', () => {
  it('compiles a full snapshot', async () => {
    const { table, servers } = await Applied.from(small);
    expect(table.id).toEqual({ epoch: 'epoch', version: 1 });
    const request = new RequestView('GET', '/', []);
    const taken = { kind: 'route', host: 'a.test', route: 0, backend: 'web' };
    expect(routeRequest(table.hosts, 'a.test', request)).toEqual(taken);
    expect(routeRequest(table.hosts, 'b.test', request)).toEqual({ kind: 'unknown_host' });
    expect(table.backends.get('web')).toMatchObject({ usedBy: 1, settings: { name: 'web' } });
    expect(table.backends.get('api')).toMatchObject({ usedBy: 0, candidates: [] });
    expect(servers.added.map(({ key }) => key).sort()).toEqual(['web/10.0.0.1:80', 'web/10.0.0.1:81']);
    expect([...servers.changedBackends].sort()).toEqual(['api', 'web']);
  });

  it('takes the objects in any order', async () => {
    const { table } = await Applied.from({ ...small, upserts: [...small.upserts].reverse() });
    expect(table.backends.get('web')!.candidates).toHaveLength(2);
  });

  it('sorts servers by key', async () => {
    const ports = [443, 8080, 80, 9000, 81];
    const applied = await Applied.from(full(1, backend('web'), ...ports.map((port) => server('web', port))));
    expect(applied.keys('web')).toEqual(['443', '80', '8080', '81', '9000'].map((port) => `web/10.0.0.1:${port}`));
    await applied.apply(
      delta(2, { upserts: [server('web', 8000), server('web', 1)], removals: ['server/web/10.0.0.1:81'] }),
    );
    expect(applied.keys('web')).toEqual(
      ['1', '443', '80', '8000', '8080', '9000'].map((port) => `web/10.0.0.1:${port}`),
    );
  });

  it('shares with the table before all that a delta does not touch', async () => {
    const applied = await Applied.from(small);
    const before = applied.table;
    await applied.apply(delta(2, { upserts: [server('api', 90)] }));
    expect(applied.table.backends.get('web')).toBe(before.backends.get('web'));
    expect(applied.table.hosts).toBe(before.hosts);
    expect(applied.servers.changedBackends).toEqual(['api']);
    expect(before.backends.get('api')!.candidates).toEqual([]);
  });

  it('shares with the table before all that is the same in a full snapshot', async () => {
    const applied = await Applied.from(small);
    const before = applied.table;
    await applied.apply(full(7, ...smallObjects(), host('b.test', 'api')));
    expect(applied.table.id.version).toBe(7);
    expect(applied.table.backends.get('web')).toBe(before.backends.get('web'));
    expect(applied.table.hosts.get('a.test')).toBe(before.hosts.get('a.test'));
    expect(applied.servers).toEqual({ added: [], removed: [], stateChanges: [], changedBackends: [] });
    expect(applied.table.backends.get('api')).toMatchObject({ usedBy: 1 });
  });

  it('removes what a full snapshot no longer has', async () => {
    const applied = await Applied.from(small);
    await applied.apply(full(2, backend('api'), host('*', 'api')));
    expect([...applied.table.backends.keys()]).toEqual(['api']);
    expect(applied.table.hosts.size).toBe(1);
    expect(applied.servers.removed).toHaveLength(2);
    expect(applied.slots.size).toBe(0);
  });

  it('empties everything when a full snapshot is empty', async () => {
    const applied = await Applied.from(small, full(2));
    expect([applied.table.backends.size, applied.table.hosts.size, applied.slots.size]).toEqual([0, 0, 0]);
  });

  it('keeps slot, position and picker of a backend whose settings change but for the algorithm', async () => {
    const applied = await Applied.from(small);
    const before = applied.table.backends.get('web')!;
    await applied.apply(delta(2, { upserts: [backend('web', { via: false })] }));
    const after = applied.table.backends.get('web')!;
    expect(after.settings.via).toBe(false);
    expect([after.picker, after.position, after.candidates]).toEqual([
      before.picker,
      before.position,
      before.candidates,
    ]);
    expect(after.picker).toBe(before.picker);
    await applied.apply(delta(3, { upserts: [backend('web', balanced('round_robin'))] }));
    expect(applied.table.backends.get('web')!.picker).not.toBe(before.picker);
    expect(applied.table.backends.get('web')!.position).toBe(before.position);
  });

  it('keeps the slots of servers that stay while others come, go and change their weight', async () => {
    const applied = await Applied.from(small);
    const stays = applied.slots.get('web/10.0.0.1:80');
    await applied.apply(
      delta(2, {
        upserts: [server('web', 80, { weight: 9 }), server('web', 82)],
        removals: ['server/web/10.0.0.1:81'],
      }),
    );
    const candidates = applied.table.backends.get('web')!.candidates;
    expect(candidates[0]).toMatchObject({ server: stays, weight: 9 });
    expect(candidates[0]!.server).toBe(stays);
    expect(applied.servers.added.map(({ key }) => key)).toEqual(['web/10.0.0.1:82']);
    expect(applied.servers.removed.map(({ key }) => key)).toEqual(['web/10.0.0.1:81']);
  });

  it('notices whatever changes about a server, also in a full snapshot', async () => {
    for (const settings of [
      { weight: 2 },
      { priority: 1 },
      { zone: 'a' },
      { labels: { rack: '7' } },
      { state: 'draining' },
    ]) {
      const applied = await Applied.from(small);
      const others = smallObjects().filter(({ kind }) => kind !== 'server');
      await applied.apply(full(2, ...others, server('web', 80, settings), server('web', 81)));
      expect(applied.table.backends.get('web')!.candidates[0]).toMatchObject(settings);
      expect(applied.servers.changedBackends).toEqual(['web']);
    }
  });

  it('tells whose state has changed, and who is new and not active', async () => {
    const applied = await Applied.from(small);
    const upserts = [
      server('web', 80, { state: 'disabled' }),
      server('web', 82),
      server('web', 83, { state: 'draining' }),
    ];
    await applied.apply(delta(2, { upserts }));
    const told = () => applied.servers.stateChanges.map(({ server: { port }, before, after }) => [port, before, after]);
    expect(told()).toEqual([
      [80, 'active', 'disabled'],
      [83, undefined, 'draining'],
    ]);
    await applied.apply(
      delta(3, { upserts: [server('web', 80), server('web', 83, { state: 'draining', weight: 2 })] }),
    );
    expect(told()).toEqual([[80, 'disabled', 'active']]);
  });

  it('picks active servers alone, and keeps all of them as candidates', async () => {
    const applied = await Applied.from(
      full(
        1,
        backend('web'),
        ...['active', 'draining', 'disabled'].map((state, index) => server('web', 80 + index, { state })),
      ),
    );
    const web = applied.table.backends.get('web')!;
    expect(web.candidates.map(({ state }) => state)).toEqual(['active', 'draining', 'disabled']);
    const picked = Array.from({ length: 10 }, () => web.picker.pick(contextWith()));
    expect(picked).toEqual(picked.map(() => ({ kind: 'server', server: web.candidates[0]!.server })));
  });

  it('counts how many hosts use a backend, each of them once', async () => {
    const twice = host('b.test', { path: { prefix: '/x' }, backend: 'web' }, 'web');
    const applied = await Applied.from(small, delta(2, { upserts: [twice] }));
    expect(applied.table.backends.get('web')!.usedBy).toBe(2);
    await applied.apply(delta(3, { upserts: [host('a.test', 'api')] }));
    expect(applied.table.backends.get('web')!.usedBy).toBe(1);
    expect(applied.table.backends.get('api')!.usedBy).toBe(1);
    expect(applied.servers.changedBackends).toEqual([]);
    await applied.apply(delta(4, { removals: ['host/b.test'] }));
    expect(applied.table.backends.get('web')!.usedBy).toBe(0);
  });

  it('counts a backend as used by a host that gives it a share, be it 0', async () => {
    const split = host('b.test', { backends: [web(1), { name: 'api', weight: 0 }] });
    const applied = await Applied.from(small, delta(2, { upserts: [split] }));
    expect(['web', 'api'].map((name) => applied.table.backends.get(name)!.usedBy)).toEqual([2, 1]);
    const faults = await applied.faults(delta(3, { removals: ['backend/api'] }));
    expect(faults.map(where)).toEqual(['backend/api backend_in_use']);
  });

  it('removes a backend together with its servers and its last host', async () => {
    const applied = await Applied.from(small);
    const removals = ['backend/web', 'server/web/10.0.0.1:80', 'server/web/10.0.0.1:81', 'host/a.test'] as const;
    await applied.apply(delta(2, { removals }));
    expect(applied.table.backends.has('web')).toBe(false);
    expect(applied.slots.size).toBe(0);
    expect(applied.servers.changedBackends).toEqual(['web']);
  });

  it('takes the removal of what is not there for no change', async () => {
    const applied = await Applied.from(small);
    await applied.apply(
      delta(2, { removals: ['backend/gone', 'server/web/10.9.9.9:1', 'server/gone/10.0.0.1:1', 'host/gone.test'] }),
    );
    expect(applied.servers).toEqual({ added: [], removed: [], stateChanges: [], changedBackends: [] });
  });

  it('tells servers of IPv6 addresses apart by address and port', async () => {
    const applied = await Applied.from(
      full(1, backend('web'), server('web', 80, { address: '::1' }), server('web', 80)),
    );
    expect(applied.keys('web')).toEqual(['web/10.0.0.1:80', 'web/[::1]:80']);
    await applied.apply(delta(2, { removals: ['server/web/[::1]:80'] }));
    expect(applied.keys('web')).toEqual(['web/10.0.0.1:80']);
  });

  it('gives the event loop back while it compiles much', async () => {
    const many: SnapshotObject[] = [];
    for (let index = 0; index < 2_000; index++) {
      many.push(backend(`b${index}`), server(`b${index}`, 80), host(`h${index}.test`, `b${index}`));
    }
    let turns = 0;
    let done = false;
    const counting = (async () => {
      for (; !done; turns++) await nextTurn();
    })();
    const prepared = await prepareTable(emptyTable, full(1, ...many), new ServerSlots(), { yieldEveryMs: 0 });
    done = true;
    await counting;
    expect(prepared.ok).toBe(true);
    expect(turns).toBeGreaterThan(100);
  });
});

describe('prepareTable refuses', () => {
  const cases: readonly (readonly [string, SnapshotObject, string])[] = [
    ['a backend without a name', backend(''), 'backend//name invalid_name'],
    ['a backend whose name is none', backend('a b'), 'backend/a b/name invalid_name'],
    ['an unknown algorithm', backend('x', balanced('magic')), 'backend/x/balance/algorithm unknown_algorithm'],
    [
      'an algorithm named like a member of Object',
      backend('x', balanced('constructor')),
      'backend/x/balance/algorithm unknown_algorithm',
    ],
    [
      'a body limit that is no whole number',
      backend('x', { limits: { ...resolveLimits(), requestBodyBytes: 1.5 } }),
      'backend/x/limits/requestBodyBytes out_of_range',
    ],
    ['no weight', server('web', 1, { weight: 0 }), 'server/web/10.0.0.1:1/weight out_of_range'],
    ['too much weight', server('web', 1, { weight: 1_001 }), 'server/web/10.0.0.1:1/weight out_of_range'],
    ['a weight that is no number', server('web', 1, { weight: NaN }), 'server/web/10.0.0.1:1/weight out_of_range'],
    ['port 0', server('web', 0), 'server/web/10.0.0.1:0/port out_of_range'],
    ['port 70000', server('web', 70_000), 'server/web/10.0.0.1:70000/port out_of_range'],
    [
      'a name that is not in its one spelling',
      server('web', 1, { address: 'Web.test' }),
      'server/web/Web.test:1/address invalid_address',
    ],
    [
      'an address in another spelling',
      server('web', 1, { address: '0:0::1' }),
      'server/web/[0:0::1]:1/address invalid_address',
    ],
    ['a hexadecimal address', server('web', 1, { address: '0x7f.1' }), 'server/web/0x7f.1:1/address invalid_address'],
    ['a server of no backend', server('nobody', 1), 'server/nobody/10.0.0.1:1/backend unknown_backend'],
    ['a host in another spelling', host('A.test', 'web'), 'host/A.test/pattern invalid_host'],
    ['a host that is none', host('a b', 'web'), 'host/a b/pattern invalid_host'],
    ['a host without routes', host('b.test'), 'host/b.test/routes out_of_range'],
    ['a route to no backend', host('b.test', 'web', 'nobody'), 'host/b.test/routes/1/backend unknown_backend'],
    [
      'a path that is none',
      host('b.test', { path: { exact: 'x' }, backend: 'web' }),
      'host/b.test/routes/0/path invalid_path',
    ],
    [
      'a prefix with a query',
      host('b.test', { path: { prefix: '/?' }, backend: 'web' }),
      'host/b.test/routes/0/path invalid_path',
    ],
    [
      'a method in lower case',
      host('b.test', { method: 'get', backend: 'web' }),
      'host/b.test/routes/0/method invalid_method',
    ],
    [
      'a header in upper case',
      host('b.test', { headers: [{ name: 'X', present: true }], backend: 'web' }),
      'host/b.test/routes/0/headers/0 invalid_condition',
    ],
    [
      'a header that is two lines',
      host('b.test', { headers: [{ name: 'x', exact: 'a\r\nb' }], backend: 'web' }),
      'host/b.test/routes/0/headers/0 invalid_condition',
    ],
    [
      'a header that is asked for twice',
      host('b.test', {
        headers: [
          { name: 'x', present: true },
          { name: 'x', exact: '1' },
        ],
        backend: 'web',
      }),
      'host/b.test/routes/0/headers named_twice',
    ],
    [
      'too many headers',
      host('b.test', { headers: conditions(17), backend: 'web' }),
      'host/b.test/routes/0/headers out_of_range',
    ],
    [
      'a query parameter without a name',
      host('b.test', { query: [...conditions(1), { name: '', present: true }], backend: 'web' }),
      'host/b.test/routes/0/query/1 invalid_condition',
    ],
    [
      'too many query parameters',
      host('b.test', { query: conditions(17), backend: 'web' }),
      'host/b.test/routes/0/query out_of_range',
    ],
    [
      'a share of no backend',
      host('b.test', 'web', { backends: [web(1), { name: 'nobody', weight: 0 }] }),
      'host/b.test/routes/1/backends/1/name unknown_backend',
    ],
    ['no backend at all', host('b.test', { backends: [] }), 'host/b.test/routes/0/backends out_of_range'],
    ['nothing but shares of 0', host('b.test', { backends: [web(0)] }), 'host/b.test/routes/0/backends out_of_range'],
    [
      'a share beyond all bounds',
      host('b.test', { backends: [web(1_001)] }),
      'host/b.test/routes/0/backends/0/weight out_of_range',
    ],
    [
      'two shares of one backend',
      host('b.test', { backends: [web(1), web(2)] }),
      'host/b.test/routes/0/backends named_twice',
    ],
  ];

  it.each(cases)('%s', async (_what, object, expected) => {
    const applied = await Applied.from(small);
    expect((await applied.faults(delta(2, { upserts: [object] }))).map(where)).toEqual([expected]);
  });

  const checks: readonly (readonly [string, Parameters<typeof backend>[1], string])[] = [
    [
      'an interval under 100 ms',
      { healthCheck: healthCheck({ intervalMs: 99, downIntervalMs: 5_000 }) },
      '/healthCheck/intervalMs out_of_range',
    ],
    ['a timeout of nothing', { healthCheck: healthCheck({ timeoutMs: 0 }) }, '/healthCheck/timeoutMs out_of_range'],
    ['fall 0', { healthCheck: healthCheck({ fall: 0 }) }, '/healthCheck/fall out_of_range'],
    ['rise 101', { healthCheck: healthCheck({ rise: 101 }) }, '/healthCheck/rise out_of_range'],
    ['jitter of 51 %', { healthCheck: healthCheck({ jitterPercent: 51 }) }, '/healthCheck/jitterPercent out_of_range'],
    [
      'a probe path with a line break',
      { healthCheck: httpCheck({ path: '/\r\nX: y' }) },
      '/healthCheck/path invalid_path',
    ],
    [
      'a probe that changes something',
      { healthCheck: httpCheck({ method: 'POST' }) },
      '/healthCheck/method invalid_method',
    ],
    [
      'a probe host with a line end',
      { healthCheck: httpCheck({ host: 'a\r\nX: y' }) },
      '/healthCheck/host invalid_host',
    ],
    [
      'a probe field with a line end',
      { healthCheck: httpCheck({ headers: [{ name: 'X', value: 'a\r\nY: z' }] }) },
      '/healthCheck/headers/0 invalid_field',
    ],
    [
      'a probe field that frames content',
      { healthCheck: httpCheck({ headers: [{ name: 'Content-Length', value: '5' }] }) },
      '/healthCheck/headers/0 invalid_field',
    ],
    ['no valid statuses', { healthCheck: httpCheck({ validStatuses: [] }) }, '/healthCheck/validStatuses out_of_range'],
    [
      'a range that runs backwards',
      { healthCheck: httpCheck({ validStatuses: [{ from: 300, to: 200 }] }) },
      '/healthCheck/validStatuses/0 out_of_range',
    ],
    [
      'a type of check that is not known',
      { healthCheck: healthCheck({ type: 'icmp' as 'tcp' }) },
      '/healthCheck/type unknown_check',
    ],
  ];

  it.each(checks)('a health check with %s', async (_what, settings, expected) => {
    const applied = await Applied.from(small);
    const faults = await applied.faults(delta(2, { upserts: [backend('x', settings)] }));
    expect(faults.map(where)).toEqual([`backend/x${expected}`]);
  });

  it.each(['connectMs', 'firstByteMs', 'idleMs', 'tunnelIdleMs', 'drainMs'] as const)(
    'a %s out of range',
    async (field) => {
      const applied = await Applied.from(small);
      for (const wrong of [-1, 0.5, NaN, 169 * 3_600_000]) {
        const object = backend('x', { timeouts: { ...timeouts, [field]: wrong } });
        expect((await applied.faults(delta(2, { upserts: [object] }))).map(where)).toEqual([
          `backend/x/timeouts/${field} out_of_range`,
        ]);
      }
    },
  );

  it('a backend that is removed while an unchanged host routes to it', async () => {
    const applied = await Applied.from(small);
    const removals = ['backend/web', 'server/web/10.0.0.1:80', 'server/web/10.0.0.1:81'] as const;
    expect((await applied.faults(delta(2, { removals }))).map(where)).toEqual(['backend/web backend_in_use']);
  });

  it('a backend that is removed while a changed host routes to it', async () => {
    const applied = await Applied.from(small);
    const removals = ['backend/web', 'server/web/10.0.0.1:80', 'server/web/10.0.0.1:81'] as const;
    const change = delta(2, { removals, upserts: [host('a.test', 'api', 'web')] });
    expect((await applied.faults(change)).map(where)).toEqual(['host/a.test/routes/1/backend unknown_backend']);
  });

  it('a backend that is removed without its servers', async () => {
    const applied = await Applied.from(small);
    const change = delta(2, { removals: ['backend/web', 'host/a.test', 'server/web/10.0.0.1:80'] });
    expect(await applied.faults(change)).toEqual([
      {
        object: 'backend/web',
        field: '',
        code: 'backend_has_servers',
        reason: 'is removed while 1 of its servers stay, such as web/10.0.0.1:81',
      },
    ]);
  });

  it('a full snapshot that lacks a backend which its unchanged objects name', async () => {
    const applied = await Applied.from(small);
    const change = full(2, ...small.upserts.filter((object) => object.kind !== 'backend'));
    expect((await applied.faults(change)).map(where).sort()).toEqual([
      'backend/web backend_has_servers',
      'backend/web backend_in_use',
    ]);
  });

  it('an object that is there twice, or changed and removed at once', async () => {
    const applied = await Applied.from(small);
    const change = delta(2, { upserts: [server('web', 1), server('web', 1), backend('x')], removals: ['backend/x'] });
    expect((await applied.faults(change)).map(where)).toEqual([
      'server/web/10.0.0.1:1 duplicate_object',
      'backend/x contradiction',
    ]);
  });

  it('the removal of a kind of object that it does not know', async () => {
    const applied = await Applied.from(small);
    const faults = await applied.faults(delta(2, { removals: ['secret/x' as 'host/x'] }));
    expect(faults.map(where)).toEqual(['secret/x unknown_kind']);
  });

  it('with every fault at once', async () => {
    const applied = await Applied.from(small);
    const change = delta(2, {
      upserts: [
        backend('x', balanced('magic')),
        server('web', 0, { weight: 0 }),
        host('B', 'nobody'),
        server('nobody', 1),
      ],
    });
    expect((await applied.faults(change)).map(where)).toEqual([
      'backend/x/balance/algorithm unknown_algorithm',
      'server/web/10.0.0.1:0/port out_of_range',
      'server/web/10.0.0.1:0/weight out_of_range',
      'host/B/pattern invalid_host',
      'host/B/routes/0/backend unknown_backend',
      'server/nobody/10.0.0.1:1/backend unknown_backend',
    ]);
  });

  it('hostile texts without repeating them at length', async () => {
    const applied = await Applied.from(small);
    const evil = `\u0000\u202e${'x'.repeat(200_000)}`;
    const change = delta(2, {
      upserts: [backend(evil, balanced(evil)), host(evil, evil), server(evil, 1, { address: evil })],
    });
    const faults = await applied.faults(change);
    expect(faults.map(({ code }) => code)).toEqual([
      'invalid_name',
      'unknown_algorithm',
      'invalid_host',
      'invalid_address',
    ]);
    expect(JSON.stringify(faults).length).toBeLessThan(10_000);
    for (const { reason } of faults) expect(reason).toMatch(/^[\x20-\x7e…]*$/);
  });

  it('and leaves everything as it was', async () => {
    const applied = await Applied.from(small);
    const before = [...applied.slots.values()];
    const change = delta(2, {
      upserts: [server('web', 99), backend('new'), server('new', 1), host('b.test', 'nobody')],
    });
    expect(await applied.faults(change)).toHaveLength(1);
    expect([...applied.slots.values()]).toEqual(before);
    expect(applied.keys('web')).toEqual(['web/10.0.0.1:80', 'web/10.0.0.1:81']);
    expect(applied.table.hosts.get('b.test')).toBeUndefined();
  });
});

const timeouts = { connectMs: 3_000, firstByteMs: 60_000, idleMs: 60_000, tunnelIdleMs: 3_600_000, drainMs: 3_600_000 };
