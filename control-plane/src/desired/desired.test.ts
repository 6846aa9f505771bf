import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { parseConfiguration } from '@headgate/shared/model/parse-configuration';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentOf, failureOf } from '../intent/intent-fixture.cases.ts';
import { planDeleteBackend } from '../intent/plan-delete-backend.ts';
import { planPutConfiguration } from '../intent/plan-put-configuration.ts';
import { planPutOverride } from '../intent/plan-put-override.ts';
import { assertNotLayered } from '../membership/assert-free-names.ts';
import type { LayerName } from '../membership/membership-state.ts';
import type { MemberChange } from '../membership/membership-writer.ts';
import { initialSnapshot } from '../snapshot/initial-snapshot.ts';
import { serverState } from '../intent/server-state.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { staticSource } from './merge-backend.ts';
import { openDesired, type OpenedDesired } from './open-desired.ts';

const who = { author: 'test', message: '' };
const logger = createLogger('test', 'silent');

/** Desired state on a real store. */
class Stage {
  readonly clock = new ManualClock();
  readonly dataDir = mkdtempSync(join(tmpdir(), 'headgate-desired-'));
  store!: SqliteStore;
  opened!: OpenedDesired;

  async open(): Promise<this> {
    this.store = await SqliteStore.open({ dataDir: this.dataDir, clock: this.clock });
    this.opened = await openDesired(this.store, { logger, clock: this.clock });
    this.opened.desired.start();
    this.opened.intent.start();
    return this;
  }

  async close(): Promise<void> {
    await this.opened.intent.close();
    await this.opened.membership.close();
    await this.store.close();
  }

  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async destroy(): Promise<void> {
    await this.close();
    rmSync(this.dataDir, { recursive: true });
  }

  async operators(input: unknown): Promise<void> {
    const document = configuration(input);
    await this.opened.intent.write((state) => planPutConfiguration(state, document), who, { force: true });
  }

  async layer(layer: LayerName, input: unknown, saved = true): Promise<number> {
    const desired = this.opened.desired.state.value;
    const write = { layer, document: configuration(input), desired, force: true, saved };
    return (await this.opened.membership.putLayer(write)).version;
  }

  async members(owner: string, changes: readonly MemberChange[]): Promise<void> {
    const written = this.opened.membership.write(owner, changes);
    this.clock.advance(5);
    await written;
  }

  servers(backend: string): Record<string, string> | undefined {
    const entry = this.opened.desired.state.value.backends.get(backend);
    if (entry === undefined) return undefined;
    return Object.fromEntries(
      [...entry.servers].map(([endpoint, { sources = [staticSource(entry)] }]) => [
        endpoint,
        `${sources.join('+')} ${serverState(entry, endpoint)}`,
      ]),
    );
  }

  /** What is served is what a start would make of the store, under the same version and digest. */
  async assertSame(): Promise<void> {
    const { desired, log } = this.opened;
    const [content, snapshot] = [contentOf(desired.state.value), log.latest.value];
    expect(initialSnapshot(desired.state.value).digest.toBytes()).toEqual(snapshot.digest.toBytes());
    await this.reopen();
    expect(withoutRevisions(contentOf(this.opened.desired.state.value))).toEqual(withoutRevisions(content));
    expect(this.opened.log.latest.value.id).toEqual(snapshot.id);
    expect(this.opened.log.latest.value.digest.toBytes()).toEqual(snapshot.digest.toBytes());
  }
}

/** Revisions of what has none of its own differ between runs. */
function withoutRevisions(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content, (key, value: unknown) => (key === 'revision' ? undefined : value)));
}

function configuration(input: unknown) {
  const parsed = parseConfiguration(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.value;
}

const at = (n: number) => ({ address: `10.0.0.${n}`, port: 80 });
const site = (name: string, ...servers: number[]) => ({
  backends: [{ name, servers: servers.map(at) }],
  hosts: [{ host: `${name}.example`, backend: name }],
});
const brought = (backend: string, n: number, state: 'active' | 'draining' = 'active'): MemberChange => ({
  backend,
  endpoint: `10.0.0.${n}:80`,
  member: { document: at(n), state, since: 1 },
});
const gone = (backend: string, n: number): MemberChange => ({ ...brought(backend, n), member: undefined });

describe('what is desired', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await new Stage().open();
  });
  afterEach(() => stage.destroy());

  it('is what operators want, with the servers that others bring', async () => {
    await stage.operators(site('web', 1));
    await stage.members('consul:0', [brought('web', 2), brought('web', 3, 'draining')]);
    expect(stage.servers('web')).toEqual({
      '10.0.0.1:80': 'static active',
      '10.0.0.2:80': 'consul active',
      '10.0.0.3:80': 'consul draining',
    });
    await stage.members('consul:0', [gone('web', 2)]);
    expect(Object.keys(stage.servers('web')!)).toEqual(['10.0.0.1:80', '10.0.0.3:80']);
    await stage.assertSame();
  });

  it('has one server with several owners, in the most restrictive state, until the last one goes', async () => {
    await stage.operators({ ...site('web', 1), backends: [{ name: 'web', servers: [{ ...at(1), weight: 7 }] }] });
    await stage.members('consul:0', [brought('web', 1, 'draining')]);
    await stage.members('registration', [brought('web', 1)]);
    expect(stage.servers('web')).toEqual({ '10.0.0.1:80': 'static+registration+consul draining' });
    const entry = stage.opened.desired.state.value.backends.get('web')!;
    expect(entry.servers.get('10.0.0.1:80')?.document.weight).toBe(7);
    await stage.operators(site('web'));
    expect(stage.servers('web')).toEqual({ '10.0.0.1:80': 'registration+consul draining' });
    await stage.members('consul:0', [gone('web', 1)]);
    expect(stage.servers('web')).toEqual({ '10.0.0.1:80': 'registration active' });
    await stage.members('registration', [gone('web', 1)]);
    expect(stage.servers('web')).toEqual({});
    await stage.assertSame();
  });

  it('lets members wait for their backend, and takes them away with it', async () => {
    await stage.members('registration', [brought('web', 5)]);
    expect(stage.servers('web')).toBeUndefined();
    expect(stage.opened.log.latest.value.objects.size).toBe(0);
    await stage.operators({ ...site('web', 1), hosts: [] });
    expect(stage.servers('web')).toEqual({ '10.0.0.1:80': 'static active', '10.0.0.5:80': 'registration active' });
    expect(stage.opened.log.latest.value.objects.has('server/web/10.0.0.5:80')).toBe(true);
    await stage.opened.intent.write((state) => planDeleteBackend(state, 'web'), who);
    expect(stage.opened.log.latest.value.objects.size).toBe(0);
    await stage.assertSame();
  });

  it("holds document layers beside operators' own, each name in one of them", async () => {
    await stage.operators(site('web', 1));
    await stage.layer('file', site('api', 2));
    await stage.members('consul:0', [brought('api', 3)]);
    expect(stage.servers('api')).toEqual({ '10.0.0.2:80': 'file active', '10.0.0.3:80': 'consul active' });
    expect(stage.opened.desired.state.value.backends.get('api')).toMatchObject({ layer: 'file', usedBy: 1 });
    await expect(stage.layer('redis', site('web', 1))).rejects.toMatchObject({
      code: 'HEADGATE_INVALID',
      faults: [{ code: 'name_taken' }, { code: 'name_taken' }],
    });
    await expect(stage.layer('redis', site('api', 1))).rejects.toMatchObject({ code: 'HEADGATE_INVALID' });
    await expect(stage.operators({ ...site('api', 9) })).rejects.toMatchObject({
      faults: [{ code: 'name_taken' }, {}],
    });
    await stage.assertSame();
    await stage.layer('file', { backends: [], hosts: [] });
    expect(stage.servers('api')).toBeUndefined();
    expect([...stage.opened.log.latest.value.objects.keys()].sort()).toEqual([
      'backend/web',
      'host/web.example',
      'server/web/10.0.0.1:80',
    ]);
    await stage.assertSame();
  });

  it('lets operators override servers of a layer, and keeps their word when the server is away', async () => {
    await stage.layer('file', site('api', 2));
    const name = { backend: 'api', endpoint: '10.0.0.2:80' };
    const { desired, intent } = stage.opened;
    await intent.write((state) => planPutOverride(state, { ...name, state: 'draining' }), who);
    expect(stage.servers('api')).toEqual({ '10.0.0.2:80': 'file draining' });
    expect(desired.state.value.version).toBe(intent.state.value.version);
    await stage.layer('file', site('api'));
    await stage.assertSame();
    await stage.layer('file', site('api', 2));
    expect(stage.servers('api')).toEqual({ '10.0.0.2:80': 'file draining' });
  });

  it('forgets at a start what was posted and not saved, as a newer version', async () => {
    await stage.layer('posted', site('api', 1));
    const unsaved = await stage.layer('posted', site('api', 2), false);
    await stage.layer('posted', site('api', 3), false);
    expect(stage.servers('api')).toEqual({ '10.0.0.3:80': 'posted active' });
    await stage.reopen();
    expect(stage.servers('api')).toEqual({ '10.0.0.1:80': 'posted active' });
    expect(stage.opened.log.latest.value.id.version).toBeGreaterThan(unsaved + 1);
    await stage.layer('posted', site('api', 4), false);
    await stage.layer('posted', site('api', 4));
    await stage.assertSame();
    expect(stage.servers('api')).toEqual({ '10.0.0.4:80': 'posted active' });
  });

  it('gives writes that change nothing the newest version', async () => {
    await stage.operators(site('web', 1));
    await stage.members('registration', [brought('web', 2)]);
    const { intent, log } = stage.opened;
    const result = await intent.write((state) => planPutConfiguration(state, configuration(site('web', 1))), who);
    expect(result).toMatchObject({ changed: false, version: log.latest.value.id.version });
  });

  it('refuses what cannot be before anybody forces it', () => {
    const { state } = stage.opened.membership;
    const objects = [{ kind: 'host', name: 'x', after: {} }];
    expect(() => assertNotLayered(state.value, objects)).not.toThrow();
    const layers = { ...state.value.layers, redis: { ...state.value.layers.redis } };
    const hosts = state.value.layers.redis.hosts.edit();
    hosts.set('x', { document: { host: 'x', backend: 'y' }, revision: 1 });
    layers.redis = { ...layers.redis, hosts: hosts.done() };
    expect(failureOf(() => assertNotLayered({ ...state.value, layers }, objects)).faults).toHaveLength(1);
  });
});

describe('what is desired after any changes', () => {
  const number = fc.integer({ min: 1, max: 4 });
  const backend = fc.constantFrom('a', 'b');
  const change = fc.oneof(
    fc.record({ kind: fc.constant('operators' as const), names: fc.subarray(['a', 'b']), n: number }),
    fc.record({
      kind: fc.constant('layer' as const),
      layer: fc.constantFrom<LayerName>('file', 'redis', 'posted'),
      names: fc.subarray(['a', 'b', 'c']),
      n: number,
    }),
    fc.record({
      kind: fc.constant('member' as const),
      owner: fc.constantFrom('consul:0', 'dns:0', 'registration'),
      backend,
      n: number,
      state: fc.constantFrom<('active' | 'draining' | 'gone')[]>('active', 'draining', 'gone'),
    }),
    fc.record({
      kind: fc.constant('override' as const),
      backend,
      n: number,
      state: fc.constantFrom<('active' | 'draining')[]>('active', 'draining'),
    }),
  );

  it('is what a start makes of the store, with the same digest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        const stage = await new Stage().open();
        try {
          for (const each of changes) await apply(stage, each).catch(expectRefusal);
          await stage.assertSame();
        } finally {
          await stage.destroy();
        }
      }),
      { numRuns: 40 },
    );
  });

  type Each = typeof change extends fc.Arbitrary<infer T> ? T : never;

  async function apply(stage: Stage, each: Each): Promise<unknown> {
    switch (each.kind) {
      case 'operators':
        return stage.operators(joined(each.names, each.n));
      case 'layer':
        return stage.layer(each.layer, joined(each.names, each.n));
      case 'member': {
        const wanted = each.state === 'gone' ? gone(each.backend, each.n) : brought(each.backend, each.n, each.state);
        return stage.members(each.owner, [wanted]);
      }
      case 'override': {
        const subject = { backend: each.backend, endpoint: `10.0.0.${each.n}:80`, state: each.state };
        return stage.opened.intent.write((state) => planPutOverride(state, subject), who);
      }
    }
  }

  function joined(names: readonly string[], n: number): unknown {
    const sites = names.map((name) => site(name, n, n + 1));
    return { backends: sites.flatMap((each) => each.backends), hosts: sites.flatMap((each) => each.hosts) };
  }

  /** A clash of names is the one refusal there is. */
  function expectRefusal(error: unknown): void {
    expect(error).toMatchObject({ code: 'HEADGATE_INVALID' });
  }
});
