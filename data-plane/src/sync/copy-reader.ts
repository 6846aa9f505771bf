import type { EncodedObject } from '@headgate/proto/object-codec';
import { BadCopyError } from './bad-copy-error.ts';

/** Kind and length. */
const OBJECT_HEAD = 5;

/** Reads the parts of a copy one after the other, never beyond its end. */
export class CopyReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** A view of the next bytes. */
  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new BadCopyError('ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint32(): number {
    return this.take(4).readUInt32LE();
  }

  expect(magic: Buffer): void {
    if (!this.take(magic.length).equals(magic)) throw new BadCopyError('is not a file of this release');
  }

  /** The next header. It is covered by a checksum, so that its parts are what was written. */
  header<Header>(): Header {
    const text = this.take(this.uint32()).toString();
    try {
      return JSON.parse(text) as Header;
    } catch {
      throw new BadCopyError('has a header that is no JSON');
    }
  }

  /** The next object, copied out: a view would keep the whole file in memory. */
  object(): EncodedObject {
    const kind = this.take(1).readUInt8();
    return { kind, body: Buffer.from(this.take(this.uint32())) };
  }

  /** Where the next object is, without making anything of it. */
  place(take: (kind: number, offset: number, length: number) => void): void {
    const at = this.#at;
    if (OBJECT_HEAD > this.#bytes.length - at) throw new BadCopyError('ends too early');
    const length = this.#bytes.readUInt32LE(at + 1);
    if (length > this.#bytes.length - at - OBJECT_HEAD) throw new BadCopyError('ends too early');
    this.#at = at + OBJECT_HEAD + length;
    take(this.#bytes[at]!, at + OBJECT_HEAD, length);
  }
}
