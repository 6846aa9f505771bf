import { hashText } from './hash-text.ts';
import { mixBits } from './mix-bits.ts';

/** Points of one server, whatever its weight: shares of equal servers come out within about 1 / √128 = 9 % (1 σ). */
const POINTS = 128;

/** Where points and requests lie must be the same on all data planes, and independent of each other. */
const [POINT_SEED, STRIDE_SEED] = [0x48656164, 0x67617465];

/**
 * The points of servers on a circle of 2³² places. Where they lie depends on the server's key alone. Immutable. The next
 * one is made of this one: servers that stay keep their points, so a change costs the points of what has come and one
 * pass over the others.
 */
export class HashRing {
  readonly #keys: readonly string[];
  /** Ascending. */
  readonly positions: Uint32Array;
  /** For each position, the index of its server among the keys. */
  readonly owners: Int32Array;

  private constructor(keys: readonly string[], positions: Uint32Array, owners: Int32Array) {
    this.#keys = keys;
    this.positions = positions;
    this.owners = owners;
  }

  static empty(): HashRing {
    return new HashRing([], new Uint32Array(0), new Int32Array(0));
  }

  /** The ring of these keys, which are sorted. */
  with(keys: readonly string[]): HashRing {
    const { moved, added } = compare(this.#keys, keys);
    if (added.length === 0 && keys.length === this.#keys.length) return this;
    const size = keys.length * POINTS;
    const target = { positions: new Uint32Array(size), owners: new Int32Array(size) };
    merge({ positions: this.positions, owners: this.owners, moved }, pointsOf(keys, added), target);
    return new HashRing(keys, target.positions, target.owners);
  }

  /** Index of the first point at or after a place; of the first one of all when there is none. */
  firstFrom(place: number): number {
    const { positions } = this;
    let [low, high] = [0, positions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (positions[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low === positions.length ? 0 : low;
  }
}

/** Places on the circle, ascending, and whose they are; of equal places, the lower owner comes first. */
interface Points {
  readonly positions: Uint32Array;
  readonly owners: Int32Array;
}

/** One pass over the points of those that stay and of those that are new. `moved` says what owners are called now. */
function merge({ positions, owners, moved }: Points & { readonly moved: Int32Array }, added: Points, to: Points): void {
  let at = 0;
  let next = 0;
  for (let index = 0; index < positions.length; index++) {
    const owner = moved[owners[index]!]!;
    if (owner === -1) continue;
    const position = positions[index]!;
    while (next < added.owners.length && isBefore(added, next, position, owner)) copy(next++);
    to.positions[at] = position;
    to.owners[at++] = owner;
  }
  while (next < added.owners.length) copy(next++);

  function copy(index: number): void {
    to.positions[at] = added.positions[index]!;
    to.owners[at++] = added.owners[index]!;
  }
}

function isBefore({ positions, owners }: Points, index: number, position: number, owner: number): boolean {
  const own = positions[index]!;
  return own < position || (own === position && owners[index]! < owner);
}

/** For each of `before` its index in `after` or -1, and what of `after` is new. */
function compare(before: readonly string[], after: readonly string[]) {
  const moved = new Int32Array(before.length).fill(-1);
  const added: number[] = [];
  let next = 0;
  after.forEach((key, index) => {
    while (next < before.length && before[next]! < key) next++;
    if (before[next] === key) moved[next++] = index;
    else added.push(index);
  });
  return { moved, added };
}

function pointsOf(keys: readonly string[], indices: readonly number[]): Points {
  const size = indices.length * POINTS;
  const points = { positions: new Uint32Array(size), owners: new Int32Array(size) };
  let at = 0;
  for (const index of indices) {
    const first = hashText(keys[index]!, POINT_SEED);
    const stride = hashText(keys[index]!, STRIDE_SEED) | 1;
    for (let point = 0; point < POINTS; point++) {
      points.positions[at] = mixBits(first + Math.imul(point, stride));
      points.owners[at++] = index;
    }
  }
  return DIGITS.reduce(sortByDigit, points);
}

/** 32 bits in three parts, by where they begin. */
const DIGITS = [0, 11, 22];
const DIGIT_MASK = 2 ** 11 - 1;

/**
 * Sorts by 11 bits of the positions and keeps the order of those that have the same: after all digits, the lowest first,
 * everything is in order. Three passes, where comparing would take twenty over a million points.
 */
function sortByDigit({ positions, owners }: Points, shift: number): Points {
  const next = new Int32Array(DIGIT_MASK + 2);
  for (let index = 0; index < positions.length; index++) next[((positions[index]! >>> shift) & DIGIT_MASK) + 1]!++;
  for (let digit = 0; digit <= DIGIT_MASK; digit++) next[digit + 1]! += next[digit]!;
  const sorted = { positions: new Uint32Array(positions.length), owners: new Int32Array(positions.length) };
  for (let index = 0; index < positions.length; index++) {
    const position = positions[index]!;
    const at = next[(position >>> shift) & DIGIT_MASK]!++;
    sorted.positions[at] = position;
    sorted.owners[at] = owners[index]!;
  }
  return sorted;
}
