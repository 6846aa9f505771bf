/** What is measured by turns. */
export interface Contender {
  readonly name: string;
}

/**
 * Measures every contender once in each round, one after the other, the order turned by one each time: what else the
 * machine does falls on all of them. Samples by name, in the order of the rounds.
 */
export async function inRounds<C extends Contender, S>(
  contenders: readonly C[],
  rounds: number,
  measure: (contender: C) => Promise<S>,
): Promise<ReadonlyMap<string, readonly S[]>> {
  const samples = new Map<string, S[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < contenders.length; index++) {
      const contender = contenders[(index + round) % contenders.length]!;
      samples.get(contender.name)?.push(await measure(contender));
    }
  }
  return samples;
}
