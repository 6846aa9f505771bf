import { coreFixture } from '../../conformance/core-fixture.ts';
import type { RunningForwarder } from '../../conformance/fixture.ts';
import { configurationOf } from '../../conformance/stage.ts';
import { HeadgateForwarder } from '../headgate-forwarder.ts';
import { probeCases, type ProbeCase } from './probe-cases.ts';
import { startProbeOrigin, type ProbeOrigin } from './probe-origin.ts';
import { probeFault, verdictKey, type ProbeOutcome } from './probe-outcome.ts';
import { ProofClient } from './proof-client.ts';
import { quiet } from './quiet.ts';

const cases = probeCases('a.test');
/** Long enough for a server to have answered what it answers. */
const QUIET_MS = 150;

let origin: ProbeOrigin;
let forwarder: RunningForwarder;
let outcomes: ReadonlyMap<string, ProbeOutcome>;

beforeAll(async () => {
  origin = await startProbeOrigin();
  forwarder = await coreFixture((options) => new HeadgateForwarder(options)).start({
    configuration: configurationOf([origin.port], { hosts: [{ host: '*', backend: 'web' }] }),
  });
  outcomes = await runAll();
});

afterAll(async () => {
  await forwarder.close();
  await origin.close();
});

/** All cases at once, each on a connection of its own: a step of each, then the next one. */
async function runAll(): Promise<ReadonlyMap<string, ProbeOutcome>> {
  const clients = await Promise.all(cases.map(() => ProofClient.connect(forwarder.port)));
  const steps: ProbeOutcome['steps'][number][][] = cases.map(() => []);
  const most = Math.max(...cases.map((one) => one.steps.length));
  for (let step = 0; step < most; step++) {
    for (const [index, one] of cases.entries()) if (one.steps[step]) clients[index]!.send(one.steps[step]!);
    await quiet(() => clients.reduce((sum, { activity }) => sum + activity, 0), QUIET_MS);
    for (const [index, client] of clients.entries()) {
      if (cases[index]!.steps[step] === undefined) continue;
      steps[index]!.push({ received: client.received.toString('latin1'), closed: client.ending !== 'open' });
    }
  }
  for (const client of clients) client.destroy();
  return new Map(cases.map(({ id }, index) => [id, { steps: steps[index]! }]));
}

const outcomeOf = ({ id }: ProbeCase): ProbeOutcome => outcomes.get(id)!;

describe('the headgate engine in the corpus of Http11Probe', () => {
  it.each(cases.map((one) => [one.id, one.expected, one] as const))('%s: %s', (_id, _expected, one) => {
    expect(probeFault(one, outcomeOf(one))).toBeUndefined();
  });

  it('has run all of it, and more than the verdicts that are warnings', () => {
    const scored = cases.filter((one) => one.scored);
    const passed = scored.filter((one) => one.verdicts?.Pass?.includes(verdictKey(outcomeOf(one))) ?? true);
    expect(cases).toHaveLength(206);
    expect(scored).toHaveLength(161);
    expect(passed.length).toBeGreaterThan(130);
  });

  it('sends no case further that has to be refused', () => {
    const must = cases.filter(({ verdicts }) => verdicts?.Pass?.every((key) => /^(400|none)\//.test(key)) === true);
    const served = must.filter((one) => verdictKey(outcomeOf(one)).startsWith('2') && one.verdicts?.Warn === undefined);
    expect(served.map(({ id }) => id)).toEqual([]);
    expect(must.length).toBeGreaterThan(80);
  });
});
