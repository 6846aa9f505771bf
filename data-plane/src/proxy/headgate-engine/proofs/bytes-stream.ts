import { Duplex } from 'node:stream';

/** A connection that brings these bytes, and their end, and loses what is written. */
export function bytesStream(bytes: Buffer, ends: boolean): Duplex {
  const stream = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
    autoDestroy: true,
  });
  stream.on('error', () => undefined);
  stream.push(bytes);
  if (ends) stream.push(null);
  return stream;
}
