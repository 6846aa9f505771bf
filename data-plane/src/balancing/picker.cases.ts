import fc from 'fast-check';
import { ServerSlots, verdict, type ServerSlot, type VerdictNumber } from '../upstream/server-slots.ts';
import type { Candidate, CreatePicker, PickContext, Picker, PickPosition, PickResult } from './picker.ts';

/** One backend with a picker, as a table would hold it. */
export class PickerStage {
  readonly slots = new ServerSlots();
  readonly position: PickPosition = { lastKey: '' };
  readonly #create: CreatePicker;
  candidates: readonly Candidate[] = [];
  picker: Picker;

  constructor(create: CreatePicker, weights: Readonly<Record<string, number>>) {
    this.#create = create;
    this.picker = this.recompile(weights);
  }

  /** The next version of the backend: servers by name, with their weights. Those that are missing leave. */
  recompile(weights: Readonly<Record<string, number>>): Picker {
    for (const { server } of this.candidates) if (weights[server.address] === undefined) this.slots.retire(server.key);
    this.candidates = Object.entries(weights)
      .map(([address, weight]) => ({ weight, server: this.slots.acquire(identify(address)) }))
      .sort((a, b) => (a.server.key < b.server.key ? -1 : 1));
    const { slots, candidates, position } = this;
    this.picker = this.#create({ slots, candidates: Object.freeze(candidates), position });
    return this.picker;
  }

  judge(name: string, as: VerdictNumber): void {
    this.slots.verdicts[this.server(name).slot] = as;
  }

  server(name: string): ServerSlot {
    return this.slots.get(identify(name).key)!;
  }

  pick(...tried: string[]): PickResult {
    return this.picker.pick(contextWith(tried.map((name) => this.server(name))));
  }

  /** The name picked; fails the test when there is none. */
  name(...tried: string[]): string {
    const result = this.pick(...tried);
    if (result.kind === 'none') throw new Error(`nobody was picked: ${result.reason}`);
    return result.server.address;
  }

  names(count: number): string[] {
    return Array.from({ length: count }, () => this.name());
  }

  counts(count: number): Record<string, number> {
    return countNames(this.names(count));
  }
}

export function countNames(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export function contextWith(tried: readonly ServerSlot[]): PickContext {
  return {
    clientAddress: '192.0.2.1',
    authority: 'app.example.com',
    path: '/',
    header: () => undefined,
    cookie: () => undefined,
    tried,
  };
}

function identify(address: string) {
  return { key: `web/${address}:80`, backend: 'web', address, port: 80 };
}

const weightsArbitrary = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.integer({ min: 1, max: 20 }), {
  minKeys: 1,
  maxKeys: 8,
  noNullPrototype: true,
});

/** What every algorithm keeps that has fixed shares. `shareOf` says what a server's weight counts for. */
export function pickerCases(name: string, create: CreatePicker, shareOf: (weight: number) => number): void {
  const sharesOf = (weights: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(weights).map(([server, weight]) => [server, shareOf(weight)]));
  const sum = (shares: Readonly<Record<string, number>>) => Object.values(shares).reduce((a, b) => a + b, 0);

  describe(`${name} as a picker`, () => {
    it('says no_servers when the backend has none', () => {
      expect(new PickerStage(create, {}).pick()).toEqual({ kind: 'none', reason: 'no_servers' });
    });

    it('says no_healthy_server when every server is dead, tried or not', () => {
      const stage = new PickerStage(create, { a: 1, b: 2 });
      stage.judge('a', verdict.unhealthy);
      stage.judge('b', verdict.unhealthy);
      expect(stage.pick()).toEqual({ kind: 'none', reason: 'no_healthy_server' });
      expect(stage.pick('a')).toEqual({ kind: 'none', reason: 'no_healthy_server' });
    });

    it('says all_tried when those that are left were tried', () => {
      const stage = new PickerStage(create, { a: 1, b: 2, c: 3 });
      stage.judge('a', verdict.unhealthy);
      expect(stage.pick('b', 'c')).toEqual({ kind: 'none', reason: 'all_tried' });
    });

    it('uses servers that were never probed', () => {
      const stage = new PickerStage(create, { a: 1, b: 1 });
      stage.judge('b', verdict.healthy);
      expect(stage.names(4).sort()).toEqual(['a', 'a', 'b', 'b']);
    });

    it('begins with the first server by key among equals', () => {
      expect(new PickerStage(create, { b: 1, a: 1, c: 1 }).names(4)).toEqual(['a', 'b', 'c', 'a']);
    });

    it('gives exact shares over every full cycle', () => {
      fc.assert(
        fc.property(weightsArbitrary, (weights) => {
          const stage = new PickerStage(create, weights);
          const shares = sharesOf(weights);
          for (let cycle = 0; cycle < 3; cycle++) expect(stage.counts(sum(shares))).toEqual(shares);
        }),
      );
    });

    it('never picks a server that is dead, tried or gone', () => {
      const steps = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...Object.values(verdict)), fc.array(fc.nat())));
      fc.assert(
        fc.property(weightsArbitrary, steps, (weights, moves) => {
          const stage = new PickerStage(create, { ...weights, zz: 1 });
          const oldPicker = stage.picker;
          stage.recompile(weights);
          const names = Object.keys(weights);
          for (const [server, as, tried] of moves) {
            stage.judge(names[server % names.length]!, as);
            const triedNames = new Set(tried.map((index) => names[index % names.length]!));
            const context = contextWith([...triedNames].map((triedName) => stage.server(triedName)));
            const allowed = names.filter(
              (each) => !triedNames.has(each) && stage.slots.verdicts[stage.server(each).slot] !== verdict.unhealthy,
            );
            for (const result of [stage.picker.pick(context), oldPicker.pick(context)]) {
              expect(result.kind).toBe(allowed.length === 0 ? 'none' : 'server');
              if (result.kind === 'server') expect(allowed).toContain(result.server.address);
            }
          }
        }),
      );
    });

    it('shares the turns of a dead server by the shares of the others, and gives it its own back', () => {
      const weights = { a: 5, b: 3, c: 1, d: 1 };
      const shares = sharesOf(weights);
      const stage = new PickerStage(create, weights);
      stage.names(3);
      stage.judge('a', verdict.unhealthy);
      const { a: _dead, ...others } = shares;
      stage.names(sum(others));
      for (let cycle = 0; cycle < 5; cycle++) expect(stage.counts(sum(others))).toEqual(others);
      stage.judge('a', verdict.healthy);
      stage.names(sum(shares));
      for (let cycle = 0; cycle < 5; cycle++) expect(stage.counts(sum(shares))).toEqual(shares);
    });

    it('is never off its shares by more than a few choices, however often servers flap', () => {
      const flaps = fc.array(fc.record({ server: fc.nat(), picks: fc.nat({ max: 30 }) }), { maxLength: 30 });
      fc.assert(
        fc.property(weightsArbitrary, flaps, (weights, script) => {
          const stage = new PickerStage(create, weights);
          const names = Object.keys(weights);
          for (const { server, picks } of script) {
            const dead = names[server % names.length]!;
            if (names.length > 1) stage.judge(dead, verdict.unhealthy);
            stage.names(picks);
            stage.judge(dead, verdict.healthy);
          }
          const shares = sharesOf(weights);
          const counts = stage.counts(sum(shares) * 10);
          for (const each of names)
            expect(Math.abs(counts[each]! - shares[each]! * 10)).toBeLessThanOrEqual(names.length);
        }),
      );
    });

    it('goes on where it was when the backend is compiled again', () => {
      const weights = { a: 3, b: 2, c: 2 };
      const undisturbed = new PickerStage(create, weights).names(35);
      const stage = new PickerStage(create, weights);
      const disturbed = Array.from({ length: 35 }, () => {
        stage.recompile(weights);
        return stage.name();
      });
      expect(disturbed).toEqual(undisturbed);
    });

    it('does not restart the order when servers are added', () => {
      const stage = new PickerStage(create, { a: 1, b: 1, c: 1 });
      expect(stage.names(2)).toEqual(['a', 'b']);
      stage.recompile({ a: 1, b: 1, c: 1, d: 1 });
      expect(stage.names(4)).toEqual(['c', 'd', 'a', 'b']);
    });

    it('starves nobody when servers are added and removed at every request', () => {
      const base = { a: 3, b: 2, c: 1 };
      const stage = new PickerStage(create, base);
      const names = Array.from({ length: 600 }, (_, request) => {
        stage.recompile(request % 2 === 0 ? { ...base, z: 1 + (request % 5) } : base);
        return stage.name();
      });
      const counts = countNames(names);
      const shares = sharesOf(base);
      const rest = 600 - (counts['z'] ?? 0);
      for (const each of Object.keys(base)) {
        const expected = (rest * shares[each as keyof typeof base]!) / sum(shares);
        expect(counts[each]! / expected).toBeGreaterThan(0.8);
        expect(counts[each]! / expected).toBeLessThan(1.25);
      }
    });

    it('finds servers whose slots were made after it', () => {
      const stage = new PickerStage(create, { a: 2, b: 1 });
      stage.name();
      for (let port = 1; port < 200; port++) {
        stage.slots.acquire({ key: `other/x:${port}`, backend: 'other', address: 'x', port });
      }
      stage.judge('a', verdict.unhealthy);
      expect(stage.names(2)).toEqual(['b', 'b']);
    });
  });
}
