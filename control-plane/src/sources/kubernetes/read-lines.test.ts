import { LineTooLongError, readLines } from './read-lines.ts';

async function linesOf(chunks: readonly (string | Buffer)[], maxBytes = 10): Promise<readonly string[]> {
  async function* body(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: string[] = [];
  for await (const line of readLines(body(), maxBytes)) lines.push(line);
  return lines;
}

describe('the lines of a body', () => {
  it('do not depend on where it was split', async () => {
    expect(await linesOf(['one\ntwo\nthree\n'])).toEqual(['one', 'two', 'three']);
    expect(await linesOf([...'one\ntwo\nthree\n'])).toEqual(['one', 'two', 'three']);
    const umlaut = Buffer.from('ü\n');
    expect(await linesOf([umlaut.subarray(0, 1), umlaut.subarray(1)])).toEqual(['ü']);
  });

  it('are those that have an end, and are not empty', async () => {
    expect(await linesOf(['\n\none\n', '\ntw'])).toEqual(['one']);
  });

  it('have at most so many bytes', async () => {
    expect(await linesOf(['0123456789\n', '01234', '56789\n'])).toHaveLength(2);
    await expect(linesOf(['0123456789a\n'])).rejects.toThrow(LineTooLongError);
    await expect(linesOf(['012345', '6789a\n'])).rejects.toThrow(LineTooLongError);
    await expect(linesOf(['012345', '6789a'])).rejects.toThrow(LineTooLongError);
  });
});
