import fc from 'fast-check';
import { LeaseModel } from './lease-model.cases.ts';
import { LeaseTable, type Sweep } from './lease-table.ts';

const server = fc.record({
  backend: fc.constantFrom('a', 'b'),
  endpoint: fc.integer({ min: 1, max: 8 }).map((host) => `10.0.0.${host}:80`),
});
const ttlMs = fc.constantFrom(2_000, 5_000, 9_500, 30_000);

/** What happens before the next sweep, at parts of a second after the last. */
const step = fc.record({
  beats: fc.array(fc.record({ name: server, ttlMs, share: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    maxLength: 6,
  }),
  removals: fc.array(server, { maxLength: 1 }),
  closed: fc.boolean(),
  restMs: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 900, max: 3_000 }) }, fc.integer({ max: 9_000, min: 0 })),
});

/** Several servers that beat regularly, until some of them cease. */
const regular = fc.record({
  servers: fc.integer({ min: 1, max: 8 }),
  beatMs: fc.constantFrom(500, 1_000, 3_000, 4_000),
  dead: fc.integer({ min: 0, max: 8 }),
  silentS: fc.integer({ min: 1, max: 400 }),
});

function tidy({ expired, pauses }: Sweep): unknown {
  return { expired: expired.map(({ backend, endpoint }) => `${backend}/${endpoint}`).sort(), pauses };
}

describe('the lease table', () => {
  it('does what its plainest form does, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = 500;
        const table = new LeaseTable(now);
        const model = new LeaseModel(now);
        for (const { beats, removals, closed, restMs } of steps) {
          for (const beat of [...beats].sort((one, other) => one.share - other.share)) {
            const at = now + beat.share * restMs;
            table.beat(beat.name, beat.ttlMs, at);
            model.beat(beat.name, beat.ttlMs, at);
          }
          now += restMs;
          for (const name of removals) for (const one of [table, model]) one.remove(name);
          const mayPause = (backend: string): boolean => !closed || backend !== 'a';
          expect(sorted(table.sweep(now, mayPause))).toEqual(sorted(model.sweep(now, mayPause)));
          expect([...table.counts()].reduce((sum, [, leases]) => sum + leases, 0)).toBe(model.names().length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does so too when servers beat regularly and some or all of them cease', () => {
    fc.assert(
      fc.property(fc.array(regular, { minLength: 1, maxLength: 3 }), (phases) => {
        let now = 0;
        const table = new LeaseTable(now);
        const model = new LeaseModel(now);
        for (const { servers, beatMs, dead, silentS } of phases) {
          for (const end = now + silentS * 1_000; now < end; now += 500) {
            for (let host = dead; host < servers; host++) {
              if ((now + host * 100) % beatMs >= 500) continue;
              const name = { backend: 'a', endpoint: `10.0.0.${host}:80` };
              table.beat(name, 9_000, now);
              model.beat(name, 9_000, now);
            }
            if (now % 1_000 !== 0) continue;
            expect(tidy(table.sweep(now, () => true))).toEqual(tidy(model.sweep(now, () => true)));
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

function sorted(sweep: Sweep): unknown {
  const { pauses } = sweep;
  const byBackend = [...pauses].sort((one, other) => one.backend.localeCompare(other.backend));
  return tidy({ ...sweep, pauses: byBackend });
}
