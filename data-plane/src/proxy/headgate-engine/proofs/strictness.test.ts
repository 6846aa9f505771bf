import { mutatedAnswers, plainAnswers, soundAnswers, type AnswerInput } from './answer-inputs.ts';
import { AnswerProof } from './answer-proof.ts';
import { leftovers } from './leftovers.ts';
import { mutatedInputs, plainInputs } from './request-inputs.ts';
import { RequestProof } from './request-proof.ts';
import { runProof } from './run-proof.ts';

// The same inputs every time; `make soak` runs many more, of any seed.
const SEED = 20_260_101;
const REQUESTS = 6_000;
const ANSWERS = 2_400;
const AT_ONCE = 64;
const LANES = 32;

describe('what reaches a server of the headgate engine is what Node reads in what the client sent, or nothing', () => {
  let proof: RequestProof;

  beforeEach(async () => {
    proof = await RequestProof.start();
  });

  afterEach(() => proof.close());

  it('for every case of the corpus', async () => {
    const inputs = plainInputs();
    await runProof(proof, { inputs, count: inputs.length, atOnce: AT_ONCE, seed: SEED });
    expect(proof.report.violations).toEqual([]);
    expect(proof.report).toMatchObject({ inputs: inputs.length });
    expect(proof.report.forwarded).toBeGreaterThan(80);
    expect(await leftovers(proof.forwarder)).toEqual([]);
  });

  it(`for ${REQUESTS} mutations`, async () => {
    await runProof(proof, { inputs: mutatedInputs(SEED), count: REQUESTS, atOnce: AT_ONCE, seed: SEED });
    expect(proof.report.violations).toEqual([]);
    expect(proof.report.inputs).toBe(REQUESTS);
    expect(proof.report.forwarded).toBeGreaterThan(REQUESTS / 10);
    expect(proof.report.cut).toBeGreaterThan(0);
    expect(await leftovers(proof.forwarder)).toEqual([]);
  });
});

describe('what reaches a client of the headgate engine is what Node reads in what the server sent, or a 502, or visibly cut', () => {
  let proof: AnswerProof;

  const run = (inputs: Iterable<AnswerInput>, count: number): Promise<void> =>
    runProof(proof, { inputs, count, atOnce: LANES, seed: SEED });

  beforeEach(async () => {
    proof = await AnswerProof.start(LANES);
  });

  afterEach(() => proof.close());

  it('for every sound answer, whole', async () => {
    const inputs = soundAnswers();
    await run(inputs, inputs.length);
    expect(proof.report).toEqual({
      inputs: inputs.length,
      passedOn: inputs.length,
      cut: 0,
      refused: 0,
      violations: [],
    });
  });

  it('for answers that readers disagree about, to every method', async () => {
    const inputs = plainAnswers();
    await run(inputs, inputs.length);
    expect(proof.report.violations).toEqual([]);
    expect(proof.report.refused).toBeGreaterThan(150);
    expect(await leftovers(proof.forwarder)).toEqual([]);
  });

  it(`for ${ANSWERS} mutations`, async () => {
    await run(mutatedAnswers(SEED), ANSWERS);
    expect(proof.report.violations).toEqual([]);
    expect(proof.report.inputs).toBe(ANSWERS);
    expect(proof.report.passedOn).toBeGreaterThan(ANSWERS / 10);
    expect(proof.report.cut).toBeGreaterThan(0);
    expect(await leftovers(proof.forwarder)).toEqual([]);
  });
});
