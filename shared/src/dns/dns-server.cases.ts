import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { readQuestion, writeReply, type DnsQuestion, type DnsRecord } from './dns-message.cases.ts';

/** How a name misbehaves, whatever is held for it. */
export type DnsBehaviour =
  /** Answers SERVFAIL. */
  | 'servfail'
  /** Never answers. */
  | 'silence'
  /** Answers with bytes that are no answer. */
  | 'garbage'
  /** Says over UDP that the answer is not whole, and gives it over TCP alone. */
  | 'truncation';

export interface AskedQuestion {
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
}

/** Without EDNS nobody takes more over UDP. */
const MAX_UDP_BYTES = 512;

/** An authoritative server of names on loopback, over UDP and TCP, for tests. A name that it does not hold does not exist. */
export class DnsTestServer {
  /** All that was asked, oldest first. */
  readonly questions: AskedQuestion[] = [];
  readonly #zone = new Map<string, readonly DnsRecord[]>();
  readonly #behaviours = new Map<string, DnsBehaviour>();
  readonly #connections = new Set<Socket>();
  #tcp: Server | undefined;
  #udp: UdpSocket | undefined;
  #port = 0;

  static async start(): Promise<DnsTestServer> {
    const server = new DnsTestServer();
    await server.restart();
    return server;
  }

  /** `127.0.0.1:port`, the same over restarts. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The name has these records from now on, and behaves; an empty list: it exists and has none. */
  hold(name: string, records: readonly DnsRecord[]): void {
    this.#zone.set(name, records);
    this.#behaviours.delete(name);
  }

  /** The same for addresses alone. */
  holdAddresses(name: string, addresses: readonly string[]): void {
    this.hold(
      name,
      addresses.map((address) => ({ type: address.includes(':') ? 'AAAA' : 'A', address })),
    );
  }

  /** The name does not exist any more. */
  forget(name: string): void {
    this.#zone.delete(name);
    this.#behaviours.delete(name);
  }

  misbehave(name: string, behaviour: DnsBehaviour): void {
    this.#behaviours.set(name, behaviour);
  }

  /** How often a name was asked for. */
  asked(name: string): number {
    return this.questions.filter((question) => question.name === name).length;
  }

  /** Begins to answer, on the port of before. */
  async restart(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const tcp = createServer((socket) => this.#serve(socket));
      tcp.listen(this.#port, '127.0.0.1');
      await once(tcp, 'listening');
      const { port } = tcp.address() as AddressInfo;
      const udp = createSocket('udp4');
      udp.bind(port, '127.0.0.1');
      try {
        await once(udp, 'listening');
      } catch (error) {
        // The port is free for TCP alone: another one, unless it is the one of before.
        tcp.close();
        if (this.#port !== 0 || attempt >= 10) throw error;
        continue;
      }
      udp.on('message', (message, { port: from, address }) => {
        const reply = this.#reply(message, 'udp');
        if (reply !== undefined) udp.send(reply, from, address);
      });
      this.#tcp = tcp;
      this.#udp = udp;
      this.#port = port;
      return;
    }
  }

  /** Answers nobody any more; what it holds stays. */
  async stop(): Promise<void> {
    const [tcp, udp] = [this.#tcp, this.#udp];
    if (tcp === undefined || udp === undefined) return;
    this.#tcp = undefined;
    this.#udp = undefined;
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([
      new Promise<void>((resolve) => tcp.close(() => resolve())),
      new Promise<void>((resolve) => udp.close(resolve)),
    ]);
  }

  /** Messages on TCP have their length before them (RFC 1035, section 4.2.2). */
  #serve(socket: Socket): void {
    let read = Buffer.alloc(0);
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      read = Buffer.concat([read, bytes]);
      while (read.length >= 2 && read.length >= 2 + read.readUInt16BE(0)) {
        const end = 2 + read.readUInt16BE(0);
        const reply = this.#reply(read.subarray(2, end), 'tcp');
        read = read.subarray(end);
        if (reply === undefined) continue;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length, 0);
        socket.write(Buffer.concat([length, reply]));
      }
    });
  }

  #reply(message: Buffer, transport: 'udp' | 'tcp'): Buffer | undefined {
    const question = readQuestion(message);
    const { name, type } = question;
    this.questions.push({ name, type, transport });
    switch (this.#behaviours.get(name)) {
      case 'silence':
        return undefined;
      case 'servfail':
        return writeReply(question, { status: 'SERVFAIL', records: [] });
      case 'garbage':
        return garbage(question);
      case 'truncation':
        return this.#answer(question, transport === 'udp' ? 0 : Infinity);
      default:
        return this.#answer(question, transport === 'udp' ? MAX_UDP_BYTES : Infinity);
    }
  }

  #answer(question: DnsQuestion, maxBytes: number): Buffer {
    const held = this.#zone.get(question.name);
    if (held === undefined) return writeReply(question, { status: 'NXDOMAIN', records: [] });
    const records = held.filter(({ type }) => type === question.type);
    const whole = writeReply(question, { status: 'NOERROR', records });
    if (whole.length <= maxBytes) return whole;
    return writeReply(question, { status: 'NOERROR', records: [], truncated: true });
  }
}

/** The head of an answer to the question, and then what no name begins with. */
function garbage(question: DnsQuestion): Buffer {
  const head = writeReply(question, { status: 'NOERROR', records: [] }).subarray(0, 12);
  head.writeUInt16BE(5, 6);
  return Buffer.concat([head, Buffer.alloc(40, 0xbf)]);
}
