import type { SeededRandom } from '../../conformance/seeded-random.ts';

/** The bytes as they are written: whole half of the time, else cut at random places. */
export function cutIntoPieces(bytes: Buffer, random: SeededRandom): readonly Buffer[] {
  const cuts = Array.from({ length: random.below(2) * (1 + random.below(5)) }, () => random.below(bytes.length + 1));
  const bounds = [0, ...cuts.sort((one, other) => one - other), bytes.length];
  return bounds
    .slice(1)
    .map((to, index) => bytes.subarray(bounds[index], to))
    .filter((piece) => piece.length > 0);
}
