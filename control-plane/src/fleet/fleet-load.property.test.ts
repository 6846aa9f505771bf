import fc from 'fast-check';
import { TestFleet } from './fleet.cases.ts';
import { FleetLoad, type LoadUpdate } from './fleet-load.ts';

const servers = [1, 2, 3, 4].map((port) => `web/10.0.0.1:${port}`);

/** What each connected data plane said, remembered naively. */
type Model = Map<string, Map<string, number>>;

interface Stage {
  readonly fleet: TestFleet;
  readonly load: FleetLoad;
  readonly model: Model;
}

type Step = (stage: Stage) => void;

const id = fc.constantFrom('x', 'y', 'z');
const loads = fc.array(fc.record({ server: fc.constantFrom(...servers), inFlight: fc.integer({ min: 0, max: 3 }) }));
const update: fc.Arbitrary<LoadUpdate> = fc.record({ full: fc.boolean(), loads });

const report = fc.tuple(id, update).map(([of, said]): Step => ({ load, model }) => {
  load.report(of, said);
  const known = model.get(of);
  if (known === undefined) return;
  if (said.full) known.clear();
  for (const { server, inFlight } of said.loads) known.set(server, inFlight);
});
const join = id.map((of): Step => ({ fleet, model }) => {
  fleet.join(of);
  model.set(of, new Map());
});
const leave = id.map((of): Step => ({ fleet, model }) => {
  fleet.register.left(of);
  model.delete(of);
});
const forget = id.map((of): Step => ({ fleet }) => {
  fleet.register.forget(of);
});
const step = fc.oneof({ weight: 6, arbitrary: report }, { weight: 2, arbitrary: join }, leave, forget);

function sumOf(model: Model, server: string): number {
  return [...model.values()].reduce((sum, known) => sum + (known.get(server) ?? 0), 0);
}

describe('what the fleet has in flight, whatever happens', () => {
  it('is the sum of what all that are connected have said last', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const fleet = new TestFleet();
        const load = new FleetLoad({ register: fleet.register });
        const stage: Stage = { fleet, load, model: new Map() };
        for (const take of steps) {
          take(stage);
          const sums = servers.map((server) => sumOf(stage.model, server));
          expect(servers.map((server) => stage.load.inFlight(server))).toEqual(sums);
          expect(stage.load.total).toBe(sums.reduce((all, sum) => all + sum, 0));
          expect(stage.load.size).toBe(sums.filter((sum) => sum > 0).length);
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });
});
