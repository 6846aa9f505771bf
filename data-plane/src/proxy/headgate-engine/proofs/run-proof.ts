import { SeededRandom } from '../../conformance/seeded-random.ts';

interface Proof<T> {
  run(inputs: readonly T[], random: SeededRandom): Promise<void>;
}

export interface ProofRun<T> {
  readonly inputs: Iterable<T>;
  readonly count: number;
  /** Inputs at once. */
  readonly atOnce: number;
  /** Decides where inputs are cut. */
  readonly seed: number;
}

/** Puts so many inputs to the proof. */
export async function runProof<T>(proof: Proof<T>, { inputs, count, atOnce, seed }: ProofRun<T>): Promise<void> {
  const random = new SeededRandom(seed);
  let batch: T[] = [];
  let taken = 0;
  for (const input of inputs) {
    batch.push(input);
    taken++;
    if (batch.length < atOnce && taken < count) continue;
    await proof.run(batch, random);
    batch = [];
    if (taken >= count) break;
  }
  if (batch.length > 0) await proof.run(batch, random);
}
