/** What `make bench ARGS="…"` asks for. */
export interface BenchArguments {
  /** Names of parts; empty for all. */
  readonly names: readonly string[];
  readonly rounds: number;
}

const ROUNDS = 5;
const ROUNDS_OPTION = /^--rounds=([1-9]\d{0,2})$/;

/**
 * Names of parts, and `--rounds=N` (default 5).
 * @throws Error that says what there is
 */
export function readArguments(given: readonly string[], known: readonly string[]): BenchArguments {
  const names = given.filter((argument) => known.includes(argument));
  const options = given.filter((argument) => !known.includes(argument));
  const rounds = options.map((option) => ROUNDS_OPTION.exec(option)?.[1]);
  const unknown = options.find((_, index) => rounds[index] === undefined);
  if (unknown !== undefined) throw new Error(`${unknown}? There is --rounds=N, and the parts ${known.join(', ')}`);
  return { names, rounds: Number(rounds.at(-1) ?? ROUNDS) };
}
