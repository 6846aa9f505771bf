import { BulkBuffers } from './bulk-buffers.ts';
import { BulkReading } from './bulk-reading.ts';
import { readingBuffer } from './reading-buffer.ts';

describe('bulk buffers', () => {
  it('are used again once nobody reads into them and nothing of them is being written', () => {
    const buffers = new BulkBuffers();
    const first = buffers.take();
    buffers.writeBegins(first);
    buffers.leave(first);
    expect([buffers.has(first), buffers.isWritten(first)]).toEqual([true, true]);
    expect(buffers.take()).not.toBe(first);
    buffers.writeEnds(first);
    expect(buffers.has(first)).toBe(false);
    expect(buffers.take()).toBe(first);
  });

  it('stay with those who read into them after everything was written', () => {
    const buffers = new BulkBuffers();
    const first = buffers.take();
    buffers.writeBegins(first);
    buffers.writeBegins(first);
    buffers.writeEnds(first);
    expect(buffers.isWritten(first)).toBe(true);
    buffers.writeEnds(first);
    expect(buffers.isWritten(first)).toBe(false);
    expect(buffers.take()).not.toBe(first);
    buffers.leave(first);
    expect(buffers.size).toBe(1);
  });

  it('know nothing of other buffers', () => {
    const buffers = new BulkBuffers();
    const other = Buffer.alloc(1);
    buffers.writeBegins(other);
    buffers.writeEnds(other);
    buffers.leave(other);
    expect([buffers.has(other), buffers.size]).toEqual([false, 0]);
  });
});

describe('bulk reading', () => {
  const isPaused = true;

  it('takes a buffer of its own when much comes, and goes back when little does', () => {
    const reading = new BulkReading();
    expect(reading.next(1_000, false)).toBeUndefined();
    const own = reading.next(65_536, false);
    expect(own).toBeInstanceOf(Buffer);
    expect(own).not.toBe(readingBuffer);
    expect(reading.next(65_536, false)).toBeUndefined();
    expect(reading.next(100, false)).toBe(readingBuffer);
    expect(reading.end()).toBeUndefined();
  });

  it('holds no buffer while it is paused', () => {
    const reading = new BulkReading();
    expect(reading.next(65_536, isPaused)).toBeUndefined();
    reading.next(65_536, false);
    expect(reading.next(65_536, isPaused)).toBe(readingBuffer);
  });
});
