import type { Algorithm } from '@headgate/shared/model/balance';
import fc from 'fast-check';
import { verdict } from '../upstream/server-slots.ts';
import { contextWith, nameOf, PickerStage, type ServerOfStage, type StageOptions, runs } from './picker-stage.cases.ts';

const name = fc.stringMatching(/^[a-z]{1,3}$/);
const server = fc.record({ weight: fc.integer({ min: 1, max: 20 }), priority: fc.integer({ min: 0, max: 2 }) });
const servers = fc.dictionary(name, server, { minKeys: 1, maxKeys: 8, noNullPrototype: true });

/** Something happens to a server, or a request comes. */
const move = fc.record({
  server: fc.nat(),
  what: fc.constantFrom('kill', 'revive', 'eject', 'fill', 'empty', 'ramp', 'recompile', 'time', 'nothing'),
  tried: fc.array(fc.nat(), { maxLength: 3 }),
  client: fc.ipV4(),
});
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

const LIMIT = 3;

/** What every algorithm keeps, with tiers or without, open or closed. */
export function pickerCases(algorithm: Algorithm, { isDrawn }: { readonly isDrawn: boolean }): void {
  const stageOf = (of: Readonly<Record<string, ServerOfStage>>, options?: StageOptions) =>
    new PickerStage(algorithm, of, options);

  describe(`${algorithm} as a picker`, () => {
    it('says no_servers when the backend has none', () => {
      for (const failOpen of [false, true]) {
        const stage = stageOf({}, { failOpen });
        expect([stage.pick(), stage.picker.peek(contextWith())]).toEqual(Array(2).fill(none('no_servers')));
      }
    });

    it('uses the only server, and says why it cannot', () => {
      const stage = stageOf({ a: 7 }, { requestsPerServer: 1 });
      expect(stage.names(3)).toEqual(['a', 'a', 'a']);
      expect(stage.pick('a')).toEqual(none('all_tried'));
      stage.begin('a');
      expect(stage.pick()).toEqual(none('at_limit'));
      stage.kill('a');
      expect(stage.pick()).toEqual(none('no_healthy_server'));
    });

    it('says no_healthy_server when every server is dead or ejected, tried or not', () => {
      const stage = stageOf({ a: 1, b: 2, c: { priority: 1 } });
      stage.kill('a', 'c');
      stage.eject('b');
      expect(stage.pick()).toEqual(none('no_healthy_server'));
      expect(stage.pick('a')).toEqual(none('no_healthy_server'));
    });

    it('says all_tried when those that are left were tried', () => {
      const stage = stageOf({ a: 1, b: 2, c: { priority: 1 } });
      stage.kill('a');
      expect(stage.pick('b', 'c')).toEqual(none('all_tried'));
    });

    it('says at_limit when somebody is healthy and was not tried, but full', () => {
      const stage = stageOf({ a: 1, b: 2, c: 1, d: 1 }, { requestsPerServer: 1 });
      stage.kill('a');
      for (const full of ['b', 'c', 'd']) stage.begin(full);
      expect(stage.pick('b')).toEqual(none('at_limit'));
      stage.end('c');
      expect(stage.name('b')).toBe('c');
    });

    it('uses servers that were never probed', () => {
      const stage = stageOf({ a: 1, b: 1 });
      stage.revive('b');
      expect(new Set(namesFor(stage, 200))).toEqual(new Set(['a', 'b']));
    });

    it('uses a tier only while no server of a lower one can take the request', () => {
      const stage = stageOf({ a: 1, b: 5, c: { priority: 1 }, d: { priority: 2 }, e: { priority: 2 } });
      expect(new Set(namesFor(stage, 200))).toEqual(new Set(['a', 'b']));
      stage.kill('a', 'b');
      expect(new Set(namesFor(stage, 20))).toEqual(new Set(['c']));
      expect(['d', 'e']).toContain(stage.name('c'));
      stage.revive('b');
      expect(new Set(namesFor(stage, 20))).toEqual(new Set(['b']));
    });

    it('spreads the last tier too', () => {
      const stage = stageOf({ a: 1, d: { priority: 15 }, e: { priority: 15 } });
      stage.kill('a');
      expect(new Set(namesFor(stage, 200))).toEqual(new Set(['d', 'e']));
    });

    it('sends to dead and ejected servers when nobody is healthy and failOpen says so', () => {
      const stage = stageOf({ a: 1, b: 2, c: 1, d: { priority: 1 } }, { failOpen: true, requestsPerServer: 2 });
      stage.kill('a', 'b', 'd');
      expect(new Set(namesFor(stage, 10))).toEqual(new Set(['c']));
      stage.eject('c');
      expect(new Set(namesFor(stage, 300))).toEqual(new Set(['a', 'b', 'c']));
      for (const full of ['a', 'a', 'b', 'b', 'c', 'c']) stage.begin(full);
      expect(stage.name()).toBe('d');
      expect(stage.pick('d')).toEqual(none('at_limit'));
    });

    it('does not fail open while somebody is healthy who was tried or is full', () => {
      const stage = stageOf({ a: 1, b: 2 }, { failOpen: true, requestsPerServer: 1 });
      stage.kill('a');
      expect(stage.pick('b')).toEqual(none('all_tried'));
      stage.begin('b');
      expect(stage.pick()).toEqual(none('at_limit'));
    });

    it('never picks a server that is dead, ejected, tried, full or gone, and always one that can be used', () => {
      const options = fc.record({ failOpen: fc.boolean(), slowStartMs: fc.constantFrom(0, 1_000) });
      fc.assert(
        fc.property(servers, options, fc.array(move, { maxLength: 40 }), (of, settings, moves) => {
          const stage = stageOf({ ...of, zz: 1 }, { ...settings, requestsPerServer: LIMIT });
          const older = stage.picker;
          stage.recompile(of);
          for (const each of moves) {
            make(stage, of, each);
            const context = stage.context(triedBy(stage, each), { clientAddress: each.client });
            const admitted = new Set(admittedBy(stage, context.tried, settings.failOpen));
            for (const result of [stage.picker.peek(context), stage.picker.pick(context), older.pick(context)]) {
              expect(result.kind === 'server' && !admitted.has(result.server.address)).toBe(false);
              expect(result.kind).toBe(admitted.size === 0 ? 'none' : 'server');
            }
          }
        }),
        runs,
      );
    });

    if (!isDrawn) {
      it('foretells the next choice without changing anything', () => {
        const options = fc.record({ failOpen: fc.boolean(), slowStartMs: fc.constantFrom(0, 1_000) });
        fc.assert(
          fc.property(servers, options, fc.array(move, { maxLength: 40 }), (of, settings, moves) => {
            const [stage, twin] = [1, 2].map(() => stageOf(of, { ...settings, requestsPerServer: LIMIT })) as [
              PickerStage,
              PickerStage,
            ];
            for (const each of moves) {
              for (const one of [stage, twin]) make(one, of, each);
              const context = stage.context(triedBy(stage, each), { clientAddress: each.client });
              const foretold = [1, 2, 3].map(() => stage.picker.peek(context));
              const picked = stage.picker.pick(context);
              expect(foretold).toEqual([picked, picked, picked]);
              const unforetold = twin.picker.pick({
                ...context,
                tried: triedBy(twin, each).map((of) => twin.server(of)),
              });
              expect(unforetold.kind).toBe(picked.kind);
              if (picked.kind === 'server') expect(nameOf(unforetold)).toBe(nameOf(picked));
            }
          }),
          runs,
        );
      });
    }

    it('answers with the same object for the same server', () => {
      const stage = stageOf({ a: 1 });
      expect(stage.pick()).toBe(stage.pick());
    });

    it('finds servers whose slots were made after it', () => {
      const stage = stageOf({ a: 2, b: 1 });
      stage.name();
      for (let port = 1; port < 200; port++) {
        stage.slots.acquire({ key: `other/x:${port}`, backend: 'other', address: 'x', port });
      }
      stage.kill('a');
      expect(stage.names(2)).toEqual(['b', 'b']);
    });

    it('leaves the slot of a server that has left to its new owner', () => {
      const stage = stageOf({ a: 2, b: 1 });
      const older = stage.picker;
      stage.names(2);
      stage.recompile({ b: 1 });
      const stranger = stage.slots.acquire({ key: 'other/x:1', backend: 'other', address: 'x', port: 1 });
      stage.slots.dueWeights[stranger.slot] = 7;
      const known = () => [stage.slots.dueRounds, stage.slots.dueSteps].map((due) => due[stranger.slot]);
      const before = known();
      for (let request = 0; request < 20; request++) expect(nameOf(older.pick(contextWith()))).toBe('b');
      expect(known()).toEqual(before);
    });

    it('gives a server in slow start a share that grows to its own', () => {
      const keys = Array.from({ length: 4_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
      const stage = stageOf({ a: 3, b: 3, c: 3 }, { slowStartMs: 10_000, balance: { loadFactorPercent: 0 } });
      stage.byKey(keys);
      stage.ramp('c');
      const shares = [0, 5_000, 5_000].map((passed) => {
        stage.clock.advance(passed);
        return stage.byKey(keys).filter((picked) => picked === 'c').length / keys.length;
      });
      for (const [index, factor] of [0.1, 0.55, 1].entries()) {
        const expected = factor / (2 + factor);
        expect(shares[index]! / expected).toBeGreaterThan(0.6);
        expect(shares[index]! / expected).toBeLessThan(1.5);
      }
    });

    it('serves while everyone is in slow start', () => {
      const stage = stageOf({ a: 1, b: 1 }, { slowStartMs: 1_000 });
      stage.ramp('a');
      stage.ramp('b');
      expect(new Set(namesFor(stage, 300))).toEqual(new Set(['a', 'b']));
    });

    it('works with 10,000 servers, most of them dead', () => {
      const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`s${index}`, 1 + (index % 7)]));
      const stage = stageOf(many);
      const alive = new Set(['s17', 's4711', 's9999']);
      stage.kill(...Object.keys(many).filter((each) => !alive.has(each)));
      expect(new Set(namesFor(stage, 60))).toEqual(alive);
    });
  });
}

/** Requests of many clients. */
function namesFor(stage: PickerStage, count: number): string[] {
  return stage.byKey(Array.from({ length: count }, (_, index) => `10.1.${index >> 8}.${index & 255}`));
}

function none(reason: string) {
  return { kind: 'none', reason };
}

function make(stage: PickerStage, of: Readonly<Record<string, ServerOfStage>>, { server: at, what }: Move): void {
  const target = nameAt(stage, at);
  switch (what) {
    case 'kill':
      return stage.kill(target);
    case 'revive':
      stage.slots.ejected[stage.server(target).slot] = 0;
      return stage.revive(target);
    case 'eject':
      return stage.eject(target);
    case 'fill':
      for (let left = LIMIT - stage.load(target); left > 0; left--) stage.begin(target);
      return;
    case 'empty':
      for (let left = stage.load(target); left > 0; left--) stage.end(target);
      return;
    case 'ramp':
      return stage.ramp(target);
    case 'recompile':
      stage.recompile(of);
      return;
    case 'time':
      return stage.clock.advance(100);
    case 'nothing':
  }
}

function nameAt({ candidates }: PickerStage, at: number): string {
  return candidates[at % candidates.length]!.server.address;
}

function triedBy(stage: PickerStage, { tried }: Move): string[] {
  return [...new Set(tried.map((each) => nameAt(stage, each)))];
}

/** Said again, in the plainest words. */
function admittedBy(stage: PickerStage, tried: readonly unknown[], failOpen: boolean): string[] {
  const { verdicts, ejected, inFlight } = stage.slots;
  const all = stage.candidates.map((candidate) => candidate.server);
  const healthy = all.filter(({ slot }) => verdicts[slot] !== verdict.unhealthy && ejected[slot] === 0);
  const usable = healthy.length === 0 && failOpen ? all : healthy;
  return usable.filter((each) => inFlight[each.slot]! < LIMIT && !tried.includes(each)).map(({ address }) => address);
}
