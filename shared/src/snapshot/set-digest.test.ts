import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { SetDigest } from './set-digest.ts';

type Member = readonly [kind: number, body: Uint8Array];

const member: fc.Arbitrary<Member> = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.uint8Array({ maxLength: 40 }));

function digestOf(members: readonly Member[]): string {
  const digest = new SetDigest();
  for (const [kind, body] of members) digest.add(kind, body);
  return digest.toBytes().toString('hex');
}

describe('SetDigest', () => {
  it('is 16 zero bytes for the empty set', () => {
    expect(new SetDigest().toBytes().equals(Buffer.alloc(16))).toBe(true);
  });

  it('is, for one member, the beginning of SHA-256 over its kind and body', () => {
    const expected = createHash('sha256')
      .update(Buffer.from([3, 1, 2]))
      .digest('hex')
      .slice(0, 32);
    expect(digestOf([[3, Uint8Array.of(1, 2)]])).toBe(expected);
  });

  it('does not depend on the order of its members', () => {
    fc.assert(
      fc.property(fc.array(member), fc.infiniteStream(fc.nat()), (members, dice) => {
        const shuffled = members
          .map((item) => ({ item, rank: dice.next().value as number }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ item }) => item);
        expect(digestOf(shuffled)).toBe(digestOf(members));
      }),
    );
  });

  it('forgets what is removed, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(member), fc.array(member), (kept, passing) => {
        const digest = new SetDigest();
        for (const [kind, body] of passing) digest.remove(kind, body);
        for (const [kind, body] of kept) digest.add(kind, body);
        for (const [kind, body] of passing) digest.add(kind, body);
        expect(digest.toBytes().toString('hex')).toBe(digestOf(kept));
      }),
    );
  });

  it('tells sets apart that differ in one byte or in one kind', () => {
    fc.assert(
      fc.property(fc.array(member), member, member, (rest, a, b) => {
        fc.pre(a[0] !== b[0] || Buffer.compare(a[1], b[1]) !== 0);
        expect(digestOf([...rest, a])).not.toBe(digestOf([...rest, b]));
      }),
    );
  });

  it('changes a clone without touching the original', () => {
    const original = new SetDigest();
    original.add(1, Uint8Array.of(1));
    const before = original.toBytes();
    const clone = original.clone();
    clone.add(1, Uint8Array.of(2));
    expect(original.toBytes().equals(before)).toBe(true);
    expect(clone.toBytes().equals(before)).toBe(false);
  });

  it('goes on from its bytes, and takes no others for a digest', () => {
    const digest = new SetDigest();
    digest.add(1, Uint8Array.of(1));
    const again = SetDigest.fromBytes(digest.toBytes())!;
    expect(again.toBytes()).toEqual(digest.toBytes());
    again.remove(1, Uint8Array.of(1));
    expect(again.toBytes()).toEqual(Buffer.alloc(16));
    expect(SetDigest.fromBytes(Buffer.alloc(15))).toBeUndefined();
  });

  it('gives bytes that later changes leave alone', () => {
    const digest = new SetDigest();
    const bytes = digest.toBytes();
    digest.add(1, Uint8Array.of(1));
    expect(bytes.equals(Buffer.alloc(16))).toBe(true);
  });
});
