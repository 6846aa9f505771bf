import { hashSources } from '@headgate/shared/model/balance';
import fc from 'fast-check';
import { contextWith, countNames, nameOf, PickerStage, runs } from './picker-stage.cases.ts';

const unbounded = { balance: { loadFactorPercent: 0 } };
const keys = Array.from({ length: 20_000 }, (_, index) => `client-${index}`);
const some = keys.slice(0, 200);

const servers = fc.dictionary(fc.stringMatching(/^[a-y]{1,3}$/), fc.integer({ min: 1, max: 1_000 }), {
  minKeys: 2,
  maxKeys: 12,
  noNullPrototype: true,
});

describe('consistent_hash', () => {
  it('sends a key to the same server every time, on every data plane', () => {
    const [one, other] = [1, 2].map(
      (seed) => new PickerStage('consistent_hash', { a: 1, b: 2, c: 1 }, { ...unbounded, seed }),
    );
    other!.slots.acquire({ key: 'other/x:1', backend: 'other', address: 'x', port: 1 });
    expect(one!.byKey(some)).toEqual(other!.byKey(some));
    expect(one!.byKey(some)).toEqual(one!.byKey(some));
    // Fixed once and for all: data planes of different versions must agree.
    expect(one!.byKey(some.slice(0, 20)).join('')).toBe('cccbcbcbbbbcbcbbcabb');
  });

  it('moves exactly the keys of a server that leaves, and exactly those back when it returns', () => {
    fc.assert(
      fc.property(servers, fc.nat(), (of, index) => {
        const stage = new PickerStage('consistent_hash', of, unbounded);
        const before = stage.byKey(some);
        const { [Object.keys(of)[index % Object.keys(of).length]!]: _weight, ...left } = of;
        stage.recompile(left);
        const after = stage.byKey(some);
        before.forEach((name, key) => left[name] !== undefined && expect(after[key]).toBe(name));
        stage.recompile(of);
        expect(stage.byKey(some)).toEqual(before);
      }),
      runs,
    );
  });

  it('moves a dead server’s keys to where they go when it leaves', () => {
    fc.assert(
      fc.property(servers, fc.nat(), (of, index) => {
        const stage = new PickerStage('consistent_hash', of, unbounded);
        const dead = Object.keys(of)[index % Object.keys(of).length]!;
        stage.kill(dead);
        const whileDead = stage.byKey(some);
        const { [dead]: _weight, ...left } = of;
        stage.recompile(left);
        expect(stage.byKey(some)).toEqual(whileDead);
      }),
      runs,
    );
  });

  it('moves keys only to a server that gets heavier', () => {
    fc.assert(
      fc.property(servers, fc.nat(), fc.integer({ min: 1, max: 1_000 }), (of, index, more) => {
        const stage = new PickerStage('consistent_hash', of, unbounded);
        const before = stage.byKey(some);
        const heavier = Object.keys(of)[index % Object.keys(of).length]!;
        stage.recompile({ ...of, [heavier]: of[heavier]! + more });
        stage.byKey(some).forEach((name, key) => name !== heavier && expect(name).toBe(before[key]));
      }),
      runs,
    );
  });

  it('moves about 1/N of the keys when one of N equal servers leaves', () => {
    for (const size of [4, 10, 50]) {
      const of = Object.fromEntries(Array.from({ length: size }, (_, index) => [`s${index}`, 1]));
      const stage = new PickerStage('consistent_hash', of, unbounded);
      const before = stage.byKey(keys);
      const { s3: _left, ...left } = of;
      stage.recompile(left);
      const after = stage.byKey(keys);
      const moved = before.filter((name, key) => name !== after[key]).length / keys.length;
      expect(moved * size).toBeGreaterThan(0.7);
      expect(moved * size).toBeLessThan(1.3);
    }
  });

  it('gives shares by weight', () => {
    const weightings: readonly Readonly<Record<string, number>>[] = [
      { a: 1, b: 1, c: 1, d: 1 },
      { a: 1, b: 2, c: 3, d: 4 },
      { a: 1_000, b: 100, c: 100, d: 50 },
    ];
    for (const weights of weightings) {
      const total = Object.values(weights).reduce((a, b) => a + b, 0);
      const counts = countNames(new PickerStage('consistent_hash', weights, unbounded).byKey(keys));
      for (const [name, weight] of Object.entries(weights)) {
        const share = counts[name]! / keys.length / (weight / total);
        expect(share).toBeGreaterThan(0.75);
        expect(share).toBeLessThan(1.25);
      }
    }
  });

  it('makes the same ring step by step as at once', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-e]{1,2}$/), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(fc.array(names, { minLength: 1, maxLength: 8 }), (steps) => {
        const of = (step: readonly string[]) => Object.fromEntries(step.map((name) => [name, 1]));
        const stage = new PickerStage('consistent_hash', of(steps[0]!), unbounded);
        for (const step of steps) stage.recompile(of(step));
        expect(stage.byKey(some)).toEqual(new PickerStage('consistent_hash', of(steps.at(-1)!), unbounded).byKey(some));
      }),
      runs,
    );
  });

  it('never goes beyond the bound, which follows weights and those who can be used', () => {
    const script = fc.array(fc.record({ client: fc.nat(3), end: fc.nat(), flap: fc.option(fc.nat(), { freq: 8 }) }), {
      maxLength: 150,
    });
    fc.assert(
      fc.property(servers, fc.integer({ min: 101, max: 300 }), script, (of, percent, moves) => {
        const stage = new PickerStage('consistent_hash', of, { balance: { loadFactorPercent: percent } });
        const underWay: string[] = [];
        for (const { client, end, flap } of moves) {
          if (flap !== null) toggle(stage, Object.keys(of)[flap % Object.keys(of).length]!);
          const result = stage.picker.pick(contextWith({ clientAddress: `client-${client}` }));
          if (result.kind === 'none') continue;
          const name = nameOf(result);
          stage.begin(name);
          underWay.push(name);
          const bound = Math.ceil((percent * underWay.length * of[name]!) / (100 * usableWeight(stage, of)));
          expect(stage.load(name)).toBeLessThanOrEqual(bound);
          if (end % 3 === 0) stage.end(underWay.splice(end % underWay.length, 1)[0]!);
        }
      }),
      runs,
    );
  });

  it('passes what is beyond the bound to the same server every time, and takes it back', () => {
    const stage = new PickerStage('consistent_hash', { a: 1, b: 1, c: 1, d: 1 });
    const [own] = stage.byKey(['hot']);
    stage.begin(own!);
    stage.begin(own!);
    const [next] = stage.byKey(['hot']);
    expect(next).not.toBe(own);
    expect(stage.byKey(['hot', 'hot', 'hot'])).toEqual([next, next, next]);
    stage.end(own!);
    stage.end(own!);
    expect(stage.byKey(['hot'])).toEqual([own]);
  });

  it('keeps within the bound of a thousand servers too, but for what is measured a little late', () => {
    const of = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`s${index}`, 1]));
    const stage = new PickerStage('consistent_hash', of);
    for (let request = 0; request < 5_000; request++) {
      stage.begin(stage.byKey([`client-${request % 100}`])[0]!);
    }
    const loads = Object.keys(of).map((name) => stage.load(name));
    expect(Math.max(...loads)).toBeLessThanOrEqual(Math.ceil(1.25 * 5));
  });

  it('in slow start takes more and more keys, and never gives one back', () => {
    const stage = new PickerStage('consistent_hash', { a: 1, b: 1, c: 1 }, { ...unbounded, slowStartMs: 1_000 });
    stage.ramp('c');
    let taken = new Set<string>();
    for (let passed = 0; passed <= 1_000; passed += 100) {
      const picked = stage.byKey(some);
      const now = new Set(some.filter((_, key) => picked[key] === 'c'));
      expect(now.size).toBeGreaterThanOrEqual(taken.size);
      for (const key of taken) expect(now).toContain(key);
      taken = now;
      stage.clock.advance(100);
    }
  });

  it('hashes what the backend names, and the address of the client where the request has no such thing', () => {
    const named = (name: string, value: string) => (asked: string) => (asked === name ? value : undefined);
    const contexts = {
      client_address: (value: string) => contextWith({ clientAddress: value }),
      path: (value: string) => contextWith({ path: value }),
      header: (value: string) => contextWith({ header: named('key', value) }),
      cookie: (value: string) => contextWith({ cookie: named('key', value) }),
      query: (value: string) => contextWith({ query: named('key', value) }),
    };
    const of = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`s${index}`, 1]));
    const byAddress = new PickerStage('consistent_hash', of, unbounded);
    for (const source of hashSources) {
      const key = { source, name: 'key' };
      const stage = new PickerStage('consistent_hash', of, { balance: { loadFactorPercent: 0, key } });
      const picked = some.map((value) => nameOf(stage.picker.pick(contexts[source](value))));
      expect(picked).toEqual(byAddress.byKey(some));
      if (source !== 'path') expect(stage.byKey(some)).toEqual(byAddress.byKey(some));
      const empty = stage.picker.pick({ ...contexts[source](''), clientAddress: 'x' });
      expect(nameOf(empty)).toBe(byAddress.byKey(['x'])[0]);
    }
  });
});

function toggle(stage: PickerStage, name: string): void {
  if (stage.slots.verdicts[stage.server(name).slot] === 2) stage.revive(name);
  else stage.kill(name);
}

function usableWeight(stage: PickerStage, of: Readonly<Record<string, number>>): number {
  return Object.entries(of).reduce(
    (sum, [name, weight]) => (stage.slots.verdicts[stage.server(name).slot] === 2 ? sum : sum + weight),
    0,
  );
}
