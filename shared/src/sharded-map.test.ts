import fc from 'fast-check';
import { ShardedMap } from './sharded-map.ts';

type Change = readonly ['set', string, number] | readonly ['delete', string];

const key = fc.oneof(fc.constantFrom('', 'a', 'b', '__proto__', 'constructor'), fc.string());
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.constant('set' as const), key, fc.integer()),
  fc.tuple(fc.constant('delete' as const), key),
);

function sorted(entries: Iterable<[string, number]>): [string, number][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

describe('ShardedMap', () => {
  it('equals a Map after any changes, made in any number of edits', () => {
    fc.assert(
      fc.property(fc.array(fc.array(change)), (edits) => {
        const expected = new Map<string, number>();
        let map = ShardedMap.empty<number>();
        for (const changes of edits) {
          const draft = map.edit();
          for (const [kind, name, value] of changes) {
            if (kind === 'set') {
              draft.set(name, value);
              expected.set(name, value);
            } else {
              expect(draft.delete(name)).toBe(expected.delete(name));
            }
            expect([draft.get(name), draft.has(name)]).toEqual([expected.get(name), expected.has(name)]);
          }
          map = draft.done();
        }
        expect(map.size).toBe(expected.size);
        expect(sorted(map.entries())).toEqual(sorted(expected.entries()));
        expect([...map.keys()].sort()).toEqual([...expected.keys()].sort());
        expect([...map.values()].sort()).toEqual([...expected.values()].sort());
        for (const name of expected.keys()) expect([map.get(name), map.has(name)]).toEqual([expected.get(name), true]);
      }),
    );
  });

  it('leaves the map alone from which an edit began', () => {
    fc.assert(
      fc.property(fc.array(change), fc.array(change), (before, after) => {
        const first = ShardedMap.empty<number>().edit();
        for (const [kind, name, value] of before) if (kind === 'set') first.set(name, value);
        const map = first.done();
        const copy = sorted(map.entries());
        const draft = map.edit();
        for (const [kind, name, value] of after) {
          if (kind === 'set') draft.set(name, value);
          else draft.delete(name);
        }
        draft.done();
        expect(sorted(map.entries())).toEqual(copy);
        expect(map.size).toBe(copy.length);
      }),
    );
  });

  it('shares one empty map that nobody can change', () => {
    const draft = ShardedMap.empty<number>().edit();
    draft.set('a', 1);
    expect(draft.done().size).toBe(1);
    expect(ShardedMap.empty().size).toBe(0);
    expect(ShardedMap.empty().get('a')).toBeUndefined();
  });

  it('keeps undefined apart from absent', () => {
    const draft = ShardedMap.empty<undefined>().edit();
    draft.set('a', undefined);
    const map = draft.done();
    expect([map.has('a'), map.has('b'), map.size]).toEqual([true, false, 1]);
  });

  it('spreads keys that differ little, so that a change copies few entries', () => {
    const draft = ShardedMap.empty<number>().edit();
    for (let index = 0; index < 50_000; index++) draft.set(`web/10.0.${index >> 8}.${index & 255}:8080`, index);
    const map = draft.done();
    const edited = map.edit();
    const copied = jest.spyOn(Map.prototype, 'set');
    edited.set('web/10.0.0.1:8080', -1);
    const copies = copied.mock.calls.length;
    copied.mockRestore();
    expect(edited.done().get('web/10.0.0.1:8080')).toBe(-1);
    expect(copies).toBeLessThan(500);
  });
});
