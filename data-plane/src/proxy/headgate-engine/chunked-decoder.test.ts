import fc from 'fast-check';
import { ChunkedDecoder, FAULT } from './chunked-decoder.ts';

const limits = { trailerBytes: 64, trailerFields: 3 };

/** What a decoder makes of content that comes in these pieces. */
function decode(pieces: readonly string[]) {
  const decoder = new ChunkedDecoder(limits);
  let content = '';
  const sink = {
    content: (bytes: Buffer, from: number, to: number) => (content += bytes.toString('latin1', from, to)),
  };
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1');
    const at = decoder.take(bytes, 0, bytes.length, sink);
    if (at === FAULT) return { content, fault: true };
    if (decoder.isComplete) return { content, trailers: decoder.trailers, rest: bytes.toString('latin1', at) };
    expect(at).toBe(bytes.length);
  }
  return { content, complete: false };
}

const WHOLE = '5\r\nhello\r\n00A;a=b;c="d\\"e"\r\n0123456789\r\n0\r\nX-Sum: 42\r\nx-b:\r\n\r\n';
const DECODED = { content: 'hello0123456789', trailers: ['X-Sum', '42', 'x-b', ''] };

describe('a chunked decoder', () => {
  it.each(Array.from({ length: WHOLE.length - 1 }, (_, index) => index + 1))('reads content cut at %i', (at) => {
    expect(decode([WHOLE.slice(0, at), `${WHOLE.slice(at)}GET`])).toEqual({ ...DECODED, rest: 'GET' });
  });

  it('reads content byte by byte', () => {
    expect(decode([...WHOLE])).toEqual({ ...DECODED, rest: '' });
  });

  it('gives back any content, however it is cut into chunks and pieces', () => {
    const chunks = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' }), { maxLength: 8 });
    fc.assert(
      fc.property(chunks, fc.array(fc.nat(300), { maxLength: 6 }), (parts, cuts) => {
        const text = `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
        const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(decode(pieces.filter((piece) => piece !== ''))).toEqual({
          content: parts.join(''),
          trailers: [],
          rest: '',
        });
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it.each([
    '\r\n',
    'g\r\n',
    ' 5\r\nhello\r\n',
    '5 \r\nhello\r\n',
    '+5\r\nhello\r\n',
    '0x5\r\nhello\r\n',
    '5\nhello\r\n',
    '5\rhello',
    '5\r\nhello0\r\n\r\n',
    '5\r\nhello\n',
    '5\r\nhello\rX',
    '5;\r\nhello\r\n',
    '5;a=\r\nhello\r\n',
    '5;a="b\r\nhello\r\n',
    '5;a b\r\nhello\r\n',
    '5;a\nb\r\n',
    '1000000000000\r\n',
    '00000000000000005\r\n',
    `1;${'a'.repeat(257)}\r\n`,
    `${`1;${'a'.repeat(255)}\r\nx\r\n`.repeat(65)}0\r\n\r\n`,
    '0\n\r\n',
    '0\r\nTrailer\r\n\r\n',
    '0\r\nX : 1\r\n\r\n',
    '0\r\nX: 1\r\n 2\r\n\r\n',
    '0\r\nX: 1\n',
    '0\r\nContent-Length: 5\r\n\r\n',
    '0\r\nX: 1\r\ntransfer-encoding: chunked\r\n\r\n',
    `0\r\n${'X: 1\r\n'.repeat(4)}\r\n`,
    `0\r\nX: ${'1'.repeat(100)}`,
  ])('refuses %j, in one piece and byte by byte', (text) => {
    expect(decode([text])).toMatchObject({ fault: true });
    expect(decode([...text])).toMatchObject({ fault: true });
  });
});
