import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Writable } from 'node:stream';

/** Writes pieces of text one after the other, waits for a slow reader, and lets other work in between. */
export async function writePieces(out: Writable, pieces: Iterable<string>): Promise<void> {
  let buffer = '';
  for (const piece of pieces) {
    buffer += piece;
    if (buffer.length < 65_536) continue;
    await writeAll(out, buffer);
    buffer = '';
    await nextTurn();
  }
  await writeAll(out, buffer);
}

function writeAll(out: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => out.write(text, (error) => (error ? reject(error) : resolve())));
}
