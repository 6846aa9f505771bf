import { mutatedAnswers } from '@headgate/data-plane/proxy/headgate-engine/proofs/answer-inputs';
import { AnswerProof } from '@headgate/data-plane/proxy/headgate-engine/proofs/answer-proof';
import { footprint, type Footprint } from '@headgate/data-plane/proxy/headgate-engine/proofs/footprint';
import { leftovers } from '@headgate/data-plane/proxy/headgate-engine/proofs/leftovers';
import { mutatedInputs } from '@headgate/data-plane/proxy/headgate-engine/proofs/request-inputs';
import { RequestProof } from '@headgate/data-plane/proxy/headgate-engine/proofs/request-proof';
import type { RunningForwarder } from '@headgate/data-plane/proxy/conformance/fixture';
import type { SeededRandom } from '@headgate/data-plane/proxy/conformance/seeded-random';
import { runProof } from '@headgate/data-plane/proxy/headgate-engine/proofs/run-proof';
import { waitUntil } from '../src/harness/wait-until.ts';

// `make soak` gives the seed, and prints it, so that a failure can be had again.
const seed = Number(process.env['SEED'] ?? 1);
const MUTATIONS = Number(process.env['MUTATIONS'] ?? 100_000);
/** What is made once and kept has been made after so many. */
const WARM_UP = 10_000;
const AT_ONCE = 64;
/** Memory and handles come back to what they were, give or take 10 %. */
const MAX_GROWTH = 1.1;
const TIMEOUT_MS = 1_800_000;

describe('the headgate engine is as strict as Node, and keeps nothing', () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);

  beforeAll(() => void process.on('unhandledRejection', note));
  afterAll(() => void process.off('unhandledRejection', note));

  it(
    `over ${MUTATIONS} mutated requests`,
    async () => {
      const proof = await RequestProof.start();
      await prove(proof, mutatedInputs(seed), 'requests');
      await proof.close();
    },
    TIMEOUT_MS,
  );

  it(
    `over ${MUTATIONS} mutated answers`,
    async () => {
      const proof = await AnswerProof.start(AT_ONCE);
      await prove(proof, mutatedAnswers(seed), 'answers');
      await proof.close();
    },
    TIMEOUT_MS,
  );

  it('without a rejection that nobody handles', () => {
    expect(rejections).toEqual([]);
  });
});

interface SoakedProof<T> {
  readonly forwarder: RunningForwarder;
  readonly report: { readonly inputs: number; readonly violations: readonly string[] };
  readonly serverConnections: number;
  run(inputs: readonly T[], random: SeededRandom): Promise<void>;
}

async function prove<T>(proof: SoakedProof<T>, inputs: Iterator<T>, what: string): Promise<void> {
  await runProof(proof, { inputs: take(inputs, WARM_UP), count: WARM_UP, atOnce: AT_ONCE, seed });
  const before = await atRest(proof);
  await runProof(proof, { inputs: take(inputs, MUTATIONS), count: MUTATIONS, atOnce: AT_ONCE, seed });
  const after = await atRest(proof);
  const { violations, ...counts } = proof.report;
  process.stdout.write(`${what}: ${JSON.stringify({ ...counts, violations: violations.length, before, after })}\n`);
  expect(violations).toEqual([]);
  expect(counts.inputs).toBe(WARM_UP + MUTATIONS);
  expect(await leftovers(proof.forwarder)).toEqual([]);
  expect(after.bytes).toBeLessThan(before.bytes * MAX_GROWTH);
  expect(after.handles).toBeLessThanOrEqual(before.handles * MAX_GROWTH);
}

/** Leaves the generator open for more. */
function* take<T>(inputs: Iterator<T>, count: number): Generator<T> {
  for (let index = 0; index < count; index++) yield inputs.next().value as T;
}

/** What is held when idle connections to servers have been closed as well. */
async function atRest(proof: Pick<SoakedProof<never>, 'serverConnections'>): Promise<Footprint> {
  await waitUntil('idle connections to servers are closed', () => proof.serverConnections === 0, 30_000);
  return footprint();
}
