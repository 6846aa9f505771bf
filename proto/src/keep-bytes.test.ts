import fc from 'fast-check';
import { keepBytes } from './keep-bytes.ts';

describe('keepBytes', () => {
  it('gives copies that later ones, and changes of what was copied, leave alone', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 60 }), (pieces) => {
        const expected = pieces.map((piece) => Buffer.from(piece).toString('hex'));
        const kept = pieces.map(keepBytes);
        for (const piece of pieces) piece.fill(1);
        expect(kept.map((bytes) => bytes.toString('hex'))).toEqual(expected);
      }),
    );
  });

  it('puts short ones side by side, whatever uses the pool of Buffers meanwhile', () => {
    const blocks = new Set<ArrayBufferLike>();
    for (let index = 0; index < 1_000; index++) {
      blocks.add(keepBytes(new Uint8Array(60)).buffer);
      Buffer.allocUnsafe(2_000).fill(0);
    }
    expect(blocks.size).toBeLessThan(6);
  });

  it('keeps no more of a long one than it needs', () => {
    expect(keepBytes(new Uint8Array(5_000)).buffer.byteLength).toBe(5_000);
  });
});
