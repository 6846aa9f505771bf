import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { BULK_BYTES, bulkBuffers } from './bulk-buffers.ts';
import { Outbox } from './outbox.ts';
import { WireWriter } from './wire-writer.ts';

let closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A writer, and the end to which it writes, which reads nothing yet. */
async function pair(): Promise<{ readonly writer: WireWriter; readonly reader: Socket }> {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [reader] = (await once(server, 'connection')) as [Socket];
  closers = [() => socket.destroy(), () => reader.destroy(), () => server.close()];
  return { writer: new WireWriter(socket, new Outbox()), reader };
}

async function readBytes(reader: Socket, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let read = 0;
  for await (const piece of reader as AsyncIterable<Buffer>) {
    pieces.push(piece);
    read += piece.length;
    if (read >= length) break;
  }
  return Buffer.concat(pieces);
}

const sizes = [1, 4_096, 4_097, 65_536, BULK_BYTES, BULK_BYTES * 2 + 1];

describe('a writer', () => {
  it.each([
    ['bytes that are overwritten at once', (): Buffer => Buffer.alloc(BULK_BYTES * 2 + 1)],
    ['bytes of a buffer that it is lent', (): Buffer => bulkBuffers.take()],
  ])('sends %s as they were, in order, to a reader that is slow', async (_, make) => {
    const { writer, reader } = await pair();
    const expected: Buffer[] = [];
    for (let round = 0; round < 60; round++) {
      const bytes = make();
      const size = Math.min(sizes[round % sizes.length]!, bytes.length);
      bytes.fill(round + 1);
      expected.push(Buffer.from(`<${round}>`), Buffer.from(bytes.subarray(0, size)));
      writer.text(`<${round}>`);
      writer.bytes(bytes, 0, size);
      if (bulkBuffers.has(bytes)) bulkBuffers.leave(bytes);
      else bytes.fill(0);
    }
    writer.flush();
    const all = Buffer.concat(expected);
    expect(bulkBuffers.size).toBeGreaterThan(0);
    expect((await readBytes(reader, all.length)).equals(all)).toBe(true);
  });

  it('gives buffers back when the connection fails', async () => {
    const before = bulkBuffers.size;
    const { writer } = await pair();
    while (!writer.isBlocked || bulkBuffers.size === before) writer.bytes(Buffer.alloc(BULK_BYTES), 0, BULK_BYTES);
    writer.socket.destroy();
    await once(writer.socket, 'close');
    expect(bulkBuffers.size).toBeLessThanOrEqual(before);
  });

  it('flushes at the end of the turn, and tells then that the system has everything', async () => {
    const { writer, reader } = await pair();
    writer.text('soon');
    writer.flushSoon();
    const written = new Promise<void>((resolve) => writer.whenEmpty({ written: resolve }));
    expect(writer.isEmpty).toBe(false);
    await written;
    expect(writer.isEmpty).toBe(true);
    expect(String(await readBytes(reader, 4))).toBe('soon');
  });

  it('tells nobody once the connection is gone', async () => {
    const { writer } = await pair();
    let told = false;
    writer.text('never');
    writer.flushSoon();
    writer.whenEmpty({ written: () => (told = true) });
    writer.socket.destroy();
    await once(writer.socket, 'close');
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(false);
  });
});
