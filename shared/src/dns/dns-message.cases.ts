import { isIPv6 } from 'node:net';

/** What test servers answer with. */
export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    };

export interface DnsQuestion {
  readonly id: number;
  /** In small letters, without the last dot. */
  readonly name: string;
  readonly type: string;
  /** The question as it stands in the message, to be repeated. */
  readonly raw: Buffer;
}

export interface DnsReply {
  readonly status: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL';
  readonly records: readonly DnsRecord[];
  /** The answer is not whole: ask again over TCP. */
  readonly truncated?: boolean;
}

const HEADER_BYTES = 12;
const typeNumbers = { A: 1, AAAA: 28, SRV: 33 } as const;
const statusNumbers = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 } as const;

/** Reads the one question of a message (RFC 1035, section 4.1.2). */
export function readQuestion(message: Buffer): DnsQuestion {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const number = message.readUInt16BE(at + 1);
  const type = Object.entries(typeNumbers).find(([, known]) => known === number)?.[0] ?? String(number);
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    type,
    raw: message.subarray(HEADER_BYTES, at + 5),
  };
}

/** The message that answers a question with authority. */
export function writeReply(question: DnsQuestion, { status, records, truncated = false }: DnsReply): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(question.id, 0);
  // An answer, authoritative, recursion wanted and there.
  header.writeUInt16BE(0x8580 | (truncated ? 0x0200 : 0) | statusNumbers[status], 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question.raw, ...records.map(writeRecord)]);
}

/** The owner is the name of the question, by a pointer to it. */
function writeRecord(record: DnsRecord): Buffer {
  const data = record.type === 'SRV' ? serviceData(record) : addressData(record.address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  head.writeUInt16BE(typeNumbers[record.type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function serviceData(record: DnsRecord & { readonly type: 'SRV' }): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(record.priority, 0);
  numbers.writeUInt16BE(record.weight, 2);
  numbers.writeUInt16BE(record.port, 4);
  const labels = record.target.split('.').filter((label) => label !== '');
  const target = labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'));
  return Buffer.concat([numbers, ...target, Buffer.of(0)]);
}

function addressData(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): readonly string[] => text.split(':').filter((group) => group !== '');
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  const all = [...groups(head), ...zeros, ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
