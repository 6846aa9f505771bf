import type { Algorithm } from '@headgate/shared/model/balance';
import fc from 'fast-check';
import { countNames, PickerStage, runs } from './picker-stage.cases.ts';

const weightsArbitrary = fc.dictionary(fc.stringMatching(/^[a-y]{1,3}$/), fc.integer({ min: 1, max: 20 }), {
  minKeys: 1,
  maxKeys: 8,
  noNullPrototype: true,
});

/** What algorithms keep that go in turn, with fixed shares. `shareOf` says what a server's weight counts for. */
export function inTurnCases(algorithm: Algorithm, shareOf: (weight: number) => number): void {
  const stageOf = (weights: Readonly<Record<string, number>>) => new PickerStage(algorithm, weights);
  const sharesOf = (weights: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(weights).map(([server, weight]) => [server, shareOf(weight)]));
  const sum = (shares: Readonly<Record<string, number>>) => Object.values(shares).reduce((a, b) => a + b, 0);

  describe(`${algorithm} as an order in turn`, () => {
    it('begins with the first server by key among equals', () => {
      expect(stageOf({ b: 1, a: 1, c: 1 }).names(4)).toEqual(['a', 'b', 'c', 'a']);
    });

    it('gives exact shares over every full period, wherever it begins', () => {
      fc.assert(
        fc.property(weightsArbitrary, fc.nat(50), (weights, before) => {
          const stage = stageOf(weights);
          const shares = sharesOf(weights);
          stage.names(before);
          for (let cycle = 0; cycle < 3; cycle++) expect(stage.counts(sum(shares))).toEqual(shares);
        }),
        runs,
      );
    });

    it('shares the turns of a dead server by the shares of the others, and gives it its own back, without a burst', () => {
      const weights = { a: 5, b: 3, c: 1, d: 1 };
      const shares = sharesOf(weights);
      const stage = stageOf(weights);
      stage.names(3);
      stage.kill('a');
      const { a: _dead, ...others } = shares;
      stage.names(sum(others));
      for (let cycle = 0; cycle < 5; cycle++) expect(stage.counts(sum(others))).toEqual(others);
      stage.revive('a');
      expect(stage.counts(sum(shares))['a']! - shares['a']!).toBeLessThanOrEqual(1);
      for (let cycle = 0; cycle < 5; cycle++) expect(stage.counts(sum(shares))).toEqual(shares);
    });

    it('owes nothing to a server that was dead for long among many dead ones', () => {
      const weights = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`s${index}`, 1 + (index % 3)]));
      const stage = stageOf(weights);
      const [alive, ...dead] = Object.keys(weights);
      stage.kill(...dead);
      expect(stage.counts(2_000)).toEqual({ [alive!]: 2_000 });
      stage.revive(...dead);
      const shares = sharesOf(weights);
      const counts = stage.counts(sum(shares));
      for (const name of dead) expect(counts[name]! - shares[name]!).toBeLessThanOrEqual(1);
    });

    it('is never off its shares by more than a choice for each server, however often servers flap', () => {
      const flaps = fc.array(fc.record({ server: fc.nat(), picks: fc.nat({ max: 30 }) }), { maxLength: 30 });
      fc.assert(
        fc.property(weightsArbitrary, flaps, (weights, script) => {
          const stage = stageOf(weights);
          const names = Object.keys(weights);
          for (const { server, picks } of script) {
            const dead = names[server % names.length]!;
            if (names.length > 1) stage.kill(dead);
            stage.names(picks);
            stage.revive(dead);
          }
          const shares = sharesOf(weights);
          const counts = stage.counts(sum(shares) * 10);
          for (const each of names)
            expect(Math.abs(counts[each]! - shares[each]! * 10)).toBeLessThanOrEqual(names.length);
        }),
        runs,
      );
    });

    it('goes on where it was when the backend is compiled again, at every request', () => {
      fc.assert(
        fc.property(weightsArbitrary, (weights) => {
          const undisturbed = stageOf(weights).names(60);
          const stage = stageOf(weights);
          const disturbed = Array.from({ length: 60 }, () => {
            stage.recompile(weights);
            return stage.name();
          });
          expect(disturbed).toEqual(undisturbed);
        }),
        runs,
      );
    });

    it('does not restart the order when servers are added', () => {
      const stage = stageOf({ a: 1, b: 1, c: 1 });
      expect(stage.names(2)).toEqual(['a', 'b']);
      stage.recompile({ a: 1, b: 1, c: 1, d: 1 });
      const next = stage.names(4);
      expect(next[0]).toBe('c');
      expect([...next].sort()).toEqual(['a', 'b', 'c', 'd']);
      expect(next.filter((name) => name !== 'd')).toEqual(['c', 'a', 'b']);
    });

    it('moves nobody else’s turn when a server leaves', () => {
      fc.assert(
        fc.property(weightsArbitrary, fc.integer({ min: 1, max: 50 }), (weights, before) => {
          const [stage, other] = [1, 2].map(() => stageOf({ ...weights, z: 4 })) as [PickerStage, PickerStage];
          for (const each of [stage, other]) each.names(before);
          stage.recompile(weights);
          other.kill('z');
          expect(stage.names(50)).toEqual(other.names(50));
        }),
        runs,
      );
    });

    it('gives a newcomer no more than its share from the start, and no less from its second turn on', () => {
      fc.assert(
        fc.property(weightsArbitrary, fc.nat(100), fc.integer({ min: 1, max: 20 }), (weights, before, weight) => {
          const stage = stageOf(weights);
          stage.names(before);
          const after = { ...weights, z: weight };
          stage.recompile(after);
          const shares = sharesOf(after);
          const first = stage.counts(sum(shares));
          expect(first['z']! - shares['z']!).toBeLessThanOrEqual(1);
          for (let cycle = 0; cycle < 3; cycle++) expect(stage.counts(sum(shares))).toEqual(shares);
        }),
        runs,
      );
    });

    it('starves nobody when servers are added and removed at every request', () => {
      const base = { a: 3, b: 2, c: 1 };
      const stage = stageOf(base);
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

    it('keeps first attempts apart from retries: a failing server gets no more of them, whoever serves the retries', () => {
      fc.assert(
        fc.property(weightsArbitrary, fc.nat(), (weights, index) => {
          const names = Object.keys(weights);
          const failing = names[index % names.length]!;
          const stage = stageOf(weights);
          const undisturbed = stageOf(weights).names(100);
          const firsts = Array.from({ length: 100 }, () => {
            const first = stage.name();
            if (first === failing) stage.pick(first);
            return first;
          });
          expect(firsts).toEqual(undisturbed);
        }),
        runs,
      );
    });

    it('spreads retries by the shares of those that are left', () => {
      const weights = { a: 4, b: 2, c: 1, d: 1 };
      const stage = stageOf(weights);
      const { a: _failing, ...left } = sharesOf(weights);
      const retries = countNames(Array.from({ length: 400 }, () => stage.name('a')));
      for (const [name, share] of Object.entries(left)) {
        expect(Math.abs(retries[name]! - (400 * share) / sum(left))).toBeLessThanOrEqual(4);
      }
    });

    it('goes on where the other algorithm stood, and back', () => {
      const weights = { a: 1, b: 1, c: 1, d: 1 };
      const stage = stageOf(weights);
      expect(stage.names(2)).toEqual(['a', 'b']);
      stage.recompile(weights, algorithm === 'round_robin' ? 'weighted_round_robin' : 'round_robin');
      expect(stage.names(3)).toEqual(['c', 'd', 'a']);
      stage.recompile(weights);
      expect(stage.counts(4)).toEqual({ a: 1, b: 1, c: 1, d: 1 });
    });

    it('is exact again after slow start', () => {
      const weights = { a: 4, b: 2, c: 1 };
      const stage = new PickerStage(algorithm, weights, { slowStartMs: 1_000 });
      stage.ramp('a');
      for (let passed = 0; passed < 1_000; passed += 100) {
        stage.names(5);
        stage.clock.advance(100);
      }
      const shares = sharesOf(weights);
      stage.names(sum(shares));
      for (let cycle = 0; cycle < 3; cycle++) expect(stage.counts(sum(shares))).toEqual(shares);
    });
  });
}
