import fc from 'fast-check';
import { ManualClock } from '@headgate/shared/manual-clock';
import { backendNamesOf } from '@headgate/shared/model/host';
import { routeRequest } from '@headgate/shared/routing/route-request';
import { RequestView } from '@headgate/shared/routing/routed-request';
import { keyOf, type ObjectKey, type SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { ServingState } from './serving-state.ts';
import type { ServingTable, SnapshotChange } from './serving-table.ts';
import { backend, balanced, delta, full, host, server } from './snapshot-objects.cases.ts';

const backendName = fc.constantFrom('web', 'api', 'img', 'old');
const pattern = fc.constantFrom('a.test', 'b.test', '*.a.test', '*.test', '*', 'x.y.a.test');
const path = fc.constantFrom(undefined, { prefix: '/api' }, { exact: '/api' }, { prefix: '/' });
const destination = fc.oneof(
  fc.record({ backend: backendName }),
  fc
    .uniqueArray(backendName, { minLength: 1, maxLength: 2 })
    .map((names) => ({ backends: names.map((name, index) => ({ name, weight: 1 - index })) })),
);
const method = fc.constantFrom(undefined, undefined, 'GET', 'POST');
const route = fc.tuple(path, method, destination).map(([at, by, to]) => ({ path: at, method: by, ...to }));

const serverState = fc.constantFrom('active', 'active', 'draining', 'disabled');

const object: fc.Arbitrary<SnapshotObject> = fc.oneof(
  fc
    .tuple(backendName, fc.constantFrom('round_robin', 'weighted_round_robin'), fc.boolean())
    .map(([name, algorithm, via]) => backend(name, { ...balanced(algorithm), via })),
  fc
    .tuple(backendName, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 }), serverState)
    .map(([name, port, weight, state]) => server(name, port, { weight, state })),
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
    return (
      each.kind === 'backend' ||
      each.value.routes.flatMap(backendNamesOf).every((name) => objects.has(`backend/${name}`))
    );
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
    decisions: authorities.flatMap((name) =>
      targets.map((target) => routeRequest(hosts, name, new RequestView('GET', target, []))),
    ),
    backends: Object.fromEntries(
      [...backends.entries()].map(([name, { settings, usedBy, candidates }]) => {
        const servers = candidates.map(({ server: { key }, weight, state }) => [key, weight, state]);
        return [name, { settings, usedBy, servers }];
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
          for (const { candidates } of plane.serving.table.value.backends.values()) {
            const out = candidates.filter((each) => plane.slots.isRetired(each.server));
            expect(out).toEqual(candidates.filter(({ state }) => state === 'disabled'));
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(Math.min(refused, taken)).toBeGreaterThan(100);
  });

  it('leaks no slot, timer or signal when servers come and go with requests on them', async () => {
    const requests = fc.array(fc.nat(), { maxLength: 4 });
    const member = fc.tuple(fc.integer({ min: 1, max: 5 }), serverState);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ servers: fc.uniqueArray(member, { selector: ([port]) => port }), requests })),
        async (script) => {
          const plane = new Plane();
          const open: (() => void)[] = [];
          for (const [index, { servers, requests: begins }] of script.entries()) {
            const members = servers.map(([port, state]) => server('web', port, { state }));
            await plane.apply(full(index + 1, backend('web'), ...members));
            const { candidates } = plane.serving.table.value.backends.get('web')!;
            for (const begin of begins) {
              const chosen = candidates[begin % (candidates.length || 1)]?.server;
              if (chosen === undefined || plane.slots.isRetired(chosen)) continue;
              plane.slots.begin(chosen);
              open.push(() => plane.slots.end(chosen));
            }
            if (index % 2 === 1) open.shift()?.();
          }
          for (const end of open.splice(0, open.length / 2)) end();
          // Of servers that stay, disabled ones leave no timer when what was there has ended.
          const left = [...plane.slots.values()].filter(({ slot }) => plane.slots.inFlight[slot]! > 0);
          expect(plane.clock.pending).toBe(left.filter((each) => plane.slots.isRetired(each)).length);
          await plane.apply(full(script.length + 1));
          for (const end of open) end();
          expect([plane.slots.size, plane.clock.pending]).toEqual([0, 0]);
          expect([...plane.slots.inFlight].every((count) => count === 0)).toBe(true);
        },
      ),
    );
  });
});
