import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HEAD_BYTES = 12;
/** An answer, authoritative, and recursion as it was asked for (RFC 1035, section 4.1.1). */
const FLAGS = 0x8580;
/** Type and class of the question, which follow its name. */
const TYPE_AND_CLASS_BYTES = 4;
/** Name (that of the question, at byte 12), type A, class IN, a time to live of 0 s, four bytes of data. */
const RECORD_HEAD = Buffer.from('c00c00010001000000000004', 'hex');

/** Answers whatever it is asked, over UDP on loopback, with one A record. */
export class NameServer {
  readonly #socket: Socket = createSocket('udp4');
  /** What the name stands for from now on. */
  address: string;

  private constructor(address: string) {
    this.address = address;
    this.#socket.on('message', (question, { port, address: from }) => {
      this.#socket.send(answerTo(question, this.address), port, from);
    });
  }

  static async start(address: string): Promise<NameServer> {
    const server = new NameServer(address);
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    return server;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

/** What follows the question, as EDNS does, is left out of the answer. */
function answerTo(message: Buffer, address: string): Buffer {
  const head = Buffer.from(message.subarray(0, HEAD_BYTES));
  head.writeUInt16BE(FLAGS, 2);
  for (const [index, count] of [1, 1, 0, 0].entries()) head.writeUInt16BE(count, 4 + 2 * index);
  const endOfName = message.indexOf(0, HEAD_BYTES) + 1;
  const question = message.subarray(HEAD_BYTES, endOfName + TYPE_AND_CLASS_BYTES);
  return Buffer.concat([head, question, RECORD_HEAD, Buffer.from(address.split('.').map(Number))]);
}
