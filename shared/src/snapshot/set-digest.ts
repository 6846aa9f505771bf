import { hash } from 'node:crypto';

const LANES = 4;

/**
 * Digest of a set of objects that costs O(change) to keep: the lane-wise sum, modulo 2^32, of the first 128 bits of
 * SHA-256 over each member. Adding and removing commute, so any order of changes to the same set gives the same digest.
 * It finds corruption and programming errors on a channel that is already authenticated; it is no signature.
 */
export class SetDigest {
  readonly #lanes: Uint32Array;

  constructor(lanes: Uint32Array = new Uint32Array(LANES)) {
    this.#lanes = lanes;
  }

  /** The digest that `toBytes` has given; undefined for what is not one. */
  static fromBytes(bytes: Buffer): SetDigest | undefined {
    if (bytes.length !== LANES * 4) return undefined;
    return new SetDigest(Uint32Array.from({ length: LANES }, (_, lane) => bytes.readUInt32LE(lane * 4)));
  }

  /** A digest that can be changed without touching this one. */
  clone(): SetDigest {
    return new SetDigest(this.#lanes.slice());
  }

  /** Takes an object into the set; `kind` is its wire number. */
  add(kind: number, body: Uint8Array): void {
    const member = digestOf(kind, body);
    for (let lane = 0; lane < LANES; lane++) this.#lanes[lane]! += laneOf(member, lane);
  }

  /** Takes an object that was added out of the set. */
  remove(kind: number, body: Uint8Array): void {
    const member = digestOf(kind, body);
    for (let lane = 0; lane < LANES; lane++) this.#lanes[lane]! -= laneOf(member, lane);
  }

  /** 16 bytes, equal on every machine. */
  toBytes(): Buffer {
    const bytes = Buffer.alloc(LANES * 4);
    this.#lanes.forEach((value, lane) => bytes.writeUInt32LE(value, lane * 4));
    return bytes;
  }
}

/** A character for each byte: a string costs a quarter of the Buffer that it stands for. */
function digestOf(kind: number, body: Uint8Array): string {
  const framed = Buffer.allocUnsafe(body.length + 1);
  framed[0] = kind;
  framed.set(body, 1);
  return hash('sha256', framed, 'binary');
}

/** Little-endian. */
function laneOf(member: string, lane: number): number {
  const at = lane * 4;
  return (
    member.charCodeAt(at) |
    (member.charCodeAt(at + 1) << 8) |
    (member.charCodeAt(at + 2) << 16) |
    (member.charCodeAt(at + 3) << 24)
  );
}
