import fc from 'fast-check';
import { ManualClock } from '@headgate/shared/manual-clock';
import { routeRequest } from '@headgate/shared/routing/route-request';
import { keyOf, type ObjectKey, type SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { ServingState } from './serving-state.ts';
import type { ServingTable, SnapshotChange } from './serving-table.ts';
import { backend, delta, full, host, server } from './snapshot-objects.cases.ts';

const backendName = fc.constantFrom('web', 'api', 'img', 'old');
const pattern = fc.constantFrom('a.test', 'b.test', '*.a.test', '*.test', '*', 'x.y.a.test');
const path = fc.constantFrom(undefined, { prefix: '/api' }, { exact: '/api' }, { prefix: '/' });
const route = fc.record({ path, backend: backendName });

const object: fc.Arbitrary<SnapshotObject> = fc.oneof(
  fc
    .tuple(backendName, fc.constantFrom('round_robin', 'weighted_round_robin'), fc.boolean())
    .map(([name, algorithm, via]) => backend(name, { algorithm, via })),
  fc
    .tuple(backendName, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 }))
    .map(([name, port, weight]) => server(name, port, { weight })),
  fc.tuple(pattern, fc.array(route, { minLength: 1, maxLength: 3 })).map(([name, routes]) => host(name, ...routes)),
);

/** Mostly changes and additions, so that backends are there for what names them. */
const edits = fc.array(
  fc.record({ upserts: fc.array(object, { maxLength: 6 }), removals: fc.array(fc.nat(), { maxLength: 2 }) }),
  { maxLength: 15 },
);

const authorities = ['a.test', 'b.test', 'c.test', 'q.a.test', 'x.y.a.test', 'z', ''];
const targets = ['/', '/api', '/api/', '/api/x?y', '/apis', '*'];

type Objects = ReadonlyMap<ObjectKey, SnapshotObject>;

/** What the objects are after an edit, and the delta that leads there. */
function edited(objects: Objects, { upserts, removals }: { upserts: SnapshotObject[]; removals: number[] }) {
  const after = new Map(objects);
  const keys = [...objects.keys()];
  const removed = new Set(keys.length === 0 ? [] : removals.map((index) => keys[index % keys.length]!));
  for (const key of removed) after.delete(key);
  const upserted = new Map(upserts.map((each) => [keyOf(each), each]));
  for (const [key, each] of upserted) {
    removed.delete(key);
    after.set(key, each);
  }
  return { after, upserts: [...upserted.values()], removals: [...removed] };
}

/** Says the same as the checks, in the simplest way: does everything that is named exist? */
function isWhole(objects: Objects): boolean {
  return [...objects.values()].every((each) => {
    if (each.kind === 'server') return objects.has(`backend/${each.value.backend}`);
    return each.kind === 'backend' || each.value.routes.every(({ backend: name }) => objects.has(`backend/${name}`));
  });
}

class Plane {
  readonly slots = new ServerSlots();
  readonly clock = new ManualClock();
  readonly serving: ServingState;

  constructor() {
    const drains = new DrainTimers({ slots: this.slots, clock: this.clock });
    this.serving = new ServingState({ slots: this.slots, drains, yieldEveryMs: 1_000 });
  }

  async apply(change: SnapshotChange): Promise<boolean> {
    const prepared = await this.serving.prepare(change);
    if (prepared.ok) prepared.commit();
    return prepared.ok;
  }
}

/** All that can be seen of a table. */
function show({ hosts, backends }: ServingTable) {
  return {
    decisions: authorities.flatMap((name) => targets.map((target) => routeRequest(hosts, name, target))),
    backends: Object.fromEntries(
      [...backends.entries()].map(([name, { settings, usedBy, candidates }]) => {
        return [name, { settings, usedBy, candidates: candidates.map(({ server: { key }, weight }) => [key, weight]) }];
      }),
    ),
  };
}

describe('prepareTable over random changes', () => {
  it('serves the same by deltas, by full snapshots on top of each other and by one full snapshot', async () => {
    let refused = 0;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(edits, async (script) => {
        const [byDeltas, byFulls] = [new Plane(), new Plane()];
        let objects: Objects = new Map();
        for (const [index, edit] of script.entries()) {
          const { after, upserts, removals } = edited(objects, edit);
          const whole = isWhole(after);
          expect(await byDeltas.apply(delta(index + 1, { upserts, removals }))).toBe(whole);
          expect(await byFulls.apply(full(index + 1, ...after.values()))).toBe(whole);
          if (whole) taken++;
          else refused++;
          if (whole) objects = after;
        }
        const fresh = new Plane();
        await fresh.apply(full(1, ...objects.values()));
        const expected = show(fresh.serving.table.value);
        for (const plane of [byDeltas, byFulls]) {
          expect(show(plane.serving.table.value)).toEqual(expected);
          expect([...plane.slots.values()].map(({ key }) => key).sort()).toEqual(
            [...objects.values()]
              .flatMap((each) => (each.kind === 'server' ? [keyOf(each).slice('server/'.length)] : []))
              .sort(),
          );
          expect(plane.clock.pending).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
    expect(Math.min(refused, taken)).toBeGreaterThan(100);
  });

  it('leaks no slot, timer or signal when servers come and go with requests on them', async () => {
    const requests = fc.array(fc.nat(), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ ports: fc.uniqueArray(fc.integer({ min: 1, max: 5 })), requests })),
        async (script) => {
          const plane = new Plane();
          const open: (() => void)[] = [];
          for (const [index, { ports, requests: begins }] of script.entries()) {
            await plane.apply(full(index + 1, backend('web'), ...ports.map((port) => server('web', port))));
            const { candidates } = plane.serving.table.value.backends.get('web')!;
            for (const begin of begins) {
              const chosen = candidates[begin % (candidates.length || 1)]?.server;
              if (chosen === undefined) continue;
              plane.slots.begin(chosen);
              open.push(() => plane.slots.end(chosen));
            }
            if (index % 2 === 1) open.shift()?.();
          }
          await plane.apply(full(script.length + 1));
          for (const end of open) end();
          expect([plane.slots.size, plane.clock.pending]).toEqual([0, 0]);
          expect([...plane.slots.inFlight].every((count) => count === 0)).toBe(true);
        },
      ),
    );
  });
});
