/**
 * The index of the next query, by the index of the one before and what X-Consul-Index said; undefined when that is no
 * index. An index that went backwards (a restored or restarted server) is worth nothing: the next query reads anew and
 * blocks not at all. 0 must not be sent back, or no query would ever block; 1 is before everything that can happen.
 */
export function nextIndex(previous: bigint, header: string | undefined): bigint | undefined {
  // Of 64 bits.
  if (header === undefined || !/^\d{1,20}$/.test(header)) return undefined;
  const index = BigInt(header);
  if (index < previous) return 0n;
  return index === 0n ? 1n : index;
}
