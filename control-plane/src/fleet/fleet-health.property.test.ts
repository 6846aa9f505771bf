import fc from 'fast-check';
import { HealthStage } from './health-stage.cases.ts';
import { isChecked } from './server-checks.ts';
import { standingOf, standings, type Standing } from './standing.ts';

const ids = ['x', 'y', 'z'];
const ports = [1, 2, 3];

type Step = (stage: HealthStage) => void;

const id = fc.constantFrom(...ids);
const port = fc.constantFrom(...ports);
const verdict = fc.constantFrom('healthy', 'unhealthy', 'ejected', 'unknown');

function deviation(of: number) {
  return { server: `web/10.0.0.1:${of}`, verdict: 'unhealthy' as const, sinceMs: 0, lastError: '' };
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(id, port, verdict).map(
      ([of, at, says]): Step =>
        (stage) =>
          stage.say(of, `web:${at}`, says),
    ),
  },
  id.map(
    (of): Step =>
      (stage) =>
        stage.join(of, stage.history.version),
  ),
  id.map(
    (of): Step =>
      (stage) =>
        stage.join(of),
  ),
  id.map(
    (of): Step =>
      (stage) =>
        stage.ack(of, stage.history.version),
  ),
  fc.tuple(id, fc.subarray(ports)).map(([of, bad]): Step => (stage) => {
    stage.register.health(of, { full: true, deviations: bad.map(deviation), cleared: [] });
  }),
  id.map(
    (of): Step =>
      (stage) =>
        stage.register.left(of),
  ),
  id.map(
    (of): Step =>
      (stage) =>
        void stage.register.forget(of),
  ),
  fc.boolean().map(
    (checks): Step =>
      (stage) =>
        stage.backend('web', [], checks ? { healthCheck: { type: 'tcp' } } : {}),
  ),
  port.map((at): Step => (stage) => {
    const name = `web/10.0.0.1:${at}`;
    const before = stage.history.intent.backends.get('web')?.servers.get(`10.0.0.1:${at}`)?.document;
    const document = { address: '10.0.0.1', port: at };
    stage.commit({ kind: 'server', name, before, ...(before === undefined ? { after: document } : {}) });
  }),
  fc.constant((stage: HealthStage) => stage.clock.advance(200)),
);

/** Worked out from what the register knows, without remembering anything. */
function expected(stage: HealthStage, endpoint: string): Standing {
  const key = `web/${endpoint}`;
  const counts = { voices: 0, unhealthy: 0, ejected: 0, unknown: 0, flapping: 0 };
  for (const [, member] of stage.register.members()) {
    if (!member.connected || !member.reported || member.held.version === 0) continue;
    counts.voices++;
    const said = member.deviation(key)?.verdict;
    if (said !== undefined) counts[said]++;
  }
  return standingOf({ ...counts, checked: isChecked(stage.history.intent, 'web', endpoint) });
}

describe('the health of servers, whatever happens', () => {
  it('is what it would be if it were worked out anew from what every data plane says', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (taken) => {
        const stage = new HealthStage({ flaps: { changes: 1_000 } });
        stage.backend('web', ports);
        for (const step of taken) step(stage);
        const counts = Object.fromEntries(standings.map((standing) => [standing, 0]));
        for (const endpoint of stage.history.intent.backends.get('web')!.servers.keys()) {
          const standing = expected(stage, endpoint);
          counts[standing]!++;
          expect(stage.health.standing('web', endpoint)).toBe(standing);
        }
        expect(stage.health.counts('web')).toEqual(counts);
        const said = [...stage.register.members()].flatMap(([, member]) => [...member.deviations()]);
        expect([...stage.health.statements('web').keys()].sort()).toEqual(
          [...new Set(said.map(({ server }) => server.slice(4)))].sort(),
        );
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
