import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** A generated message, as far as it is written. */
export interface WritableMessage<T> {
  encode(message: T, writer: BinaryWriter): BinaryWriter;
}

/** Grows to the largest message and stays: a writer of its own would cost a small message more than its bytes do. */
const writer = new BinaryWriter();

/** The bytes of a message. */
export function encodeMessage<T>(type: WritableMessage<T>, message: T): Uint8Array {
  try {
    return type.encode(message, writer).finish();
  } catch (error) {
    // What was half written must not come before the next message.
    writer.finish();
    throw error;
  }
}
