import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { ManualClock } from '@headgate/shared/manual-clock';
import { resolveBackend } from '@headgate/shared/model/backend';
import { SessionValues } from '../affinity/session-values.ts';
import { contextWith } from '../balancing/picker-stage.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { changeOfRestored } from './change-of-restored.ts';
import type { RestoredContent, RestoredSnapshot } from './restored-snapshot.ts';
import type { CompiledBackend, ServingTable } from './serving-table.ts';
import { ServingState } from './serving-state.ts';
import { backend, delta, host, server } from './snapshot-objects.cases.ts';

/** The objects as a copy on disk would bring them, with a count of what was read. */
class Copy implements RestoredSnapshot {
  readonly id = { epoch: 'epoch', version: 4 };
  readonly hosts;
  readonly backends;
  readonly checked: boolean;
  read: string[] = [];

  constructor(objects: readonly SnapshotObject[], checked = true) {
    this.checked = checked;
    this.hosts = objects.flatMap((object) => (object.kind === 'host' ? [object.value] : []));
    const backends = objects.flatMap((object) => (object.kind === 'backend' ? [object.value] : []));
    this.backends = new Map(backends.map((settings) => [settings.name, this.#content(settings, objects)]));
  }

  #content(settings: ReturnType<RestoredContent['read']>['settings'], objects: readonly SnapshotObject[]) {
    const servers = objects.flatMap((object) =>
      object.kind === 'server' && object.value.backend === settings.name ? [object.value] : [],
    );
    const read = () => {
      this.read.push(settings.name);
      return { settings, servers };
    };
    return { servers: servers.length, read };
  }
}

class Plane {
  readonly slots = new ServerSlots();
  readonly clock = new ManualClock();
  readonly values = new SessionValues(this);
  readonly serving = new ServingState({ ...this, drains: new DrainTimers(this) });

  async restore(copy: RestoredSnapshot): Promise<ServingTable> {
    const prepared = await this.serving.restore(copy);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
    return this.serving.table.value;
  }
}

const objects = [
  host('a.test', 'web'),
  host('b.test', 'web', { path: undefined, backend: 'api' }),
  backend('web'),
  server('web', 81, { weight: 3 }),
  server('web', 80),
  server('web', 82, { state: 'disabled' }),
  server('web', 83, { state: 'draining' }),
  backend('api'),
  server('api', 90, { priority: 1, zone: 'z', labels: { a: 'b' } }),
  backend('unused'),
];

/** What can be seen of a backend. */
function shown({ settings, candidates, usedBy }: CompiledBackend): unknown {
  return { settings, usedBy, candidates: candidates.map((each) => ({ ...each, server: each.server.key })) };
}

function shownTable({ id, hosts, backends }: ServingTable): unknown {
  return {
    id,
    hosts: [...hosts.hosts()].sort((a, b) => (a.pattern < b.pattern ? -1 : 1)),
    backends: [...backends.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => shown(each)),
  };
}

describe('restoring a table', () => {
  it('reads the backends that are asked for, once, and no others', async () => {
    const copy = new Copy(objects);
    const plane = new Plane();
    const { backends } = await plane.restore(copy);
    expect(copy.read).toEqual([]);
    expect(plane.slots.size).toBe(0);
    expect(backends.get('api')!.picker.pick(contextWith({}))).toMatchObject({ server: { key: 'api/10.0.0.1:90' } });
    expect(backends.get('api')!.candidates).toBe(backends.get('api')!.candidates);
    expect(copy.read).toEqual(['api']);
    expect(plane.slots.size).toBe(1);
  });

  it('leads to the table that a checked change leads to, complete or not', async () => {
    const checked = new Plane();
    await checked.restore(new Copy(objects, false));
    const plane = new Plane();
    const restored = await plane.restore(new Copy(objects));
    expect(shownTable(restored)).toEqual(shownTable(checked.serving.table.value));
    await plane.serving.complete();
    expect(shownTable(plane.serving.table.value)).toEqual(shownTable(restored));
    const stateOf = ({ slots }: Plane) => [...slots.values()].map(({ key, slot }) => [key, slots.current[slot]?.key]);
    expect(stateOf(plane).sort()).toEqual(stateOf(checked).sort());
  });

  it('goes on with what requests have opened when it is completed', async () => {
    const copy = new Copy(objects);
    const plane = new Plane();
    const { backends } = await plane.restore(copy);
    const { candidates, picker, traffic } = backends.get('web')!;
    await plane.serving.complete();
    expect(plane.serving.table.value.backends.get('web')).toMatchObject({ candidates, picker, traffic });
    expect(plane.serving.table.value.backends.get('web')!.picker).toBe(picker);
    expect([...copy.read].sort()).toEqual(['api', 'unused', 'web']);
  });

  it('opens a backend of very many servers before it is served', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => server('large', 1_000 + index));
    const copy = new Copy([backend('large'), ...many, backend('small')]);
    await new Plane().restore(copy);
    expect(copy.read).toEqual(['large']);
  });

  it('takes a delta on from there', async () => {
    const plane = new Plane();
    await plane.restore(new Copy(objects));
    await plane.serving.complete();
    const prepared = await plane.serving.prepare(
      delta(5, { upserts: [server('web', 84)], removals: ['server/web/10.0.0.1:80', 'host/b.test', 'backend/unused'] }),
    );
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
    const web = plane.serving.table.value.backends.get('web')!;
    expect(web.candidates.map(({ server: { port } }) => port)).toEqual([81, 82, 83, 84]);
    expect(web.usedBy).toBe(1);
    expect(plane.serving.table.value.backends.has('unused')).toBe(false);
  });

  it('says everything that is wrong with what another release has written', async () => {
    const plane = new Plane();
    const bad = [host('a.test', 'nobody'), backend('web'), server('web', 80, { address: 'not an address' })];
    expect(await plane.serving.restore(new Copy(bad, false))).toMatchObject({
      ok: false,
      faults: [{ code: 'invalid_address' }, { code: 'unknown_backend' }],
    });
  });

  it('brings sessions back to the servers of a backend that is opened by them', async () => {
    const { session } = resolveBackend({ name: 'web', session: {} });
    const plane = new Plane();
    await plane.values.adopt([{ id: 'k', secret: Buffer.alloc(32, 7), issuing: true }]);
    const copy = new Copy([backend('web', { session }), ...[80, 81, 82].map((port) => server('web', port))]);
    const { affinity, candidates } = (await plane.restore(copy)).backends.get('web')!;
    const { server: wanted } = candidates[2]!;
    const sessionValue = plane.values.valueFor(wanted);
    for (let turn = 0; turn < 3; turn++)
      expect(affinity!.pick(contextWith({ sessionValue }))).toMatchObject({ server: { key: wanted.key } });
  });

  it('tells those who follow of every backend, when it is opened', async () => {
    const plane = new Plane();
    const heard: string[] = [];
    await plane.restore(new Copy(objects));
    expect([...plane.serving.openBackends()]).toEqual([]);
    const stop = plane.serving.onOpened(({ settings }) => heard.push(settings.name));
    expect(plane.serving.table.value.backends.get('web')!.candidates).toHaveLength(4);
    expect(heard).toEqual(['web']);
    expect([...plane.serving.openBackends()].map(({ settings }) => settings.name)).toEqual(['web']);
    stop();
    await plane.serving.complete();
    expect(heard).toEqual(['web']);
    expect([...plane.serving.openBackends()]).toHaveLength(3);
  });
});

describe('a restored snapshot as a change', () => {
  it('brings every object', () => {
    const { full, upserts } = changeOfRestored(new Copy(objects));
    expect(full).toBe(true);
    expect(upserts).toHaveLength(objects.length);
    expect(upserts).toEqual(expect.arrayContaining(objects));
  });
});
