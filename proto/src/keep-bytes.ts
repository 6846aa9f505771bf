const SLAB_BYTES = 16 * 1_024;
/** Longer ones get memory of their own: they would leave the ends of slabs empty. */
const MOST_SHARED_BYTES = 1_024;

let slab = Buffer.alloc(0);
let used = 0;

/**
 * A copy for as long as somebody wants it. A block of memory for each of a hundred thousand short bodies would weigh
 * much more than they do, so they share slabs, and only with one another: in Node's own pool one body that stays keeps
 * 64 KiB that everything else has used and left.
 */
export function keepBytes(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const kept = length > MOST_SHARED_BYTES ? Buffer.allocUnsafeSlow(length) : take(length);
  kept.set(bytes);
  return kept;
}

function take(length: number): Buffer {
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  const begin = used;
  used += length;
  return slab.subarray(begin, used);
}
