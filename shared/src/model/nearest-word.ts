const MAX_LENGTH = 64;

/**
 * The candidate that `word` is most likely a misspelling of, or undefined. Case, hyphens and underscores count for
 * nothing; otherwise one letter in three may be wrong, at most three in all, and swapped neighbours are one mistake.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const plain = plainWord(word);
  let nearest: string | undefined;
  let bound = Math.min(3, Math.floor(plain.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate.length > MAX_LENGTH || candidate === word) continue;
    const distance = editDistance(plain, plainWord(candidate), bound);
    if (distance >= bound) continue;
    nearest = candidate;
    bound = distance;
    if (distance === 0) break;
  }
  return nearest;
}

function plainWord(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}

/** Letters to insert, delete, replace or swap with their neighbour, or `bound` when there are at least that many. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = nextRow({ before, row, a, b, i });
    if (Math.min(...next) >= bound && Math.min(...row) >= bound) return bound;
    [before, row] = [row, next];
  }
  return Math.min(bound, row[b.length] ?? bound);
}

interface Rows {
  readonly before: readonly number[];
  readonly row: readonly number[];
  readonly a: string;
  readonly b: string;
  readonly i: number;
}

function nextRow({ before, row, a, b, i }: Rows): readonly number[] {
  const next = [i];
  for (let j = 1; j <= b.length; j++) {
    const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
    const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
    next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
  }
  return next;
}
