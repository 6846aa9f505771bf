import type { SeededRandom } from '../../conformance/seeded-random.ts';

/** What readers of HTTP have been known to disagree about. Text stands for bytes. */
const pieces = [
  ...['\r', '\n', '\0', ' ', '\t', '\r\n', '\n\n', '\r\r\n', '\x0b', '\x0c', '\x7f', '\x80', '\xff', '\xa0', '\x85'],
  ...[':', ';', ',', '"', '\\', '=', '+', '-', '_', '#', '?', '%00', '%0d%0a', '0', '1', '5', 'f', 'x', '*'],
  ...[
    '\r\n ',
    '\r\n\t',
    ' :',
    ': ',
    '\r\n\r\n',
    '0\r\n\r\n',
    '5\r\nhello\r\n',
    '\r\n0\r\n\r\n',
    ';a=b',
    ';a="\r\n"',
    ';',
  ],
  'Transfer-Encoding: chunked\r\n',
  'transfer-encoding:chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Transfer-Encoding:\x0bchunked\r\n',
  'Transfer_Encoding: chunked\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 05\r\n',
  'Content-Length: 5, 5\r\n',
  'Content_Length: 5\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive\r\n',
  'Connection: content-length, host, x-a\r\n',
  'Trailer: X-T\r\n',
  'TE: trailers\r\n',
  'Expect: 100-continue\r\n',
  'Upgrade: websocket\r\nConnection: Upgrade\r\n',
  'Host: b.test\r\n',
  'X-Forwarded-For: 1.2.3.4\r\n',
  'X-Request-Id: made-up\r\n',
  'GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad',
  'HTTP/1.1 100 Continue\r\n\r\n',
];

const numbers = [
  ...[
    '0',
    '00',
    '-1',
    '+5',
    '5 ',
    ' 5',
    '\t5',
    '05',
    '5\x0b',
    '0x5',
    '5e0',
    '5,5',
    '5, 6',
    '5;5',
    '1_0',
    '\xb2',
    '6',
    '4',
  ],
  ...[
    '00000000000000000005',
    '000000000000005',
    '4294967296',
    '4294967301',
    '9007199254740993',
    '18446744073709551615',
  ],
  ...['18446744073709551621', 'ffffffffffffffff', '100000000000000005', 'FFFFFFFF', '10000000000000000', '80000000'],
];

type Mutation = (text: string, random: SeededRandom, others: readonly string[]) => string;

/** One change, or up to three, mostly of the kind that readers have disagreed about. Text stands for bytes. */
export function mutate(text: string, random: SeededRandom, others: readonly string[]): string {
  let out = text;
  for (let count = 1 + random.below(2) * random.below(3); count > 0; count--)
    out = random.one(mutations)(out, random, others);
  return out;
}

const mutations: readonly Mutation[] = [
  (text, random) => replaceAt(text, random.below(text.length), 1, String.fromCharCode(random.below(256))),
  (text, random) => flipBit(text, random),
  (text, random) => replaceAt(text, random.below(text.length + 1), 1 + random.below(8), ''),
  (text, random) => duplicate(text, random),
  (text, random) => replaceAt(text, random.below(text.length + 1), 0, random.one(pieces)),
  (text, random) => replaceAt(text, atLineStart(text, random), 0, random.one(pieces)),
  (text, random) => replaceAt(text, atSeparator(text, random), 0, random.one(pieces)),
  (text, random) => replaceAt(text, atSeparator(text, random), 1, random.one(pieces)),
  (text, random) => changeNumber(text, random),
  (text, random) => changeNumber(text, random),
  (text, random) => changeLines(text, random),
  (text, random) => changeLineEnd(text, random),
  (text, random) => changeCase(text, random),
  (text, random, others) => splice(text, random.one(others), random),
  (text, random, others) => text + random.one(others),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random) =>
    text.replace(/HTTP\/1\.\d/, random.one(['HTTP/1.0', 'HTTP/1.1', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'HTTP/1.10'])),
];

function replaceAt(text: string, at: number, count: number, piece: string): string {
  return text.slice(0, at) + piece + text.slice(at + count);
}

function flipBit(text: string, random: SeededRandom): string {
  const at = random.below(text.length);
  return replaceAt(text, at, 1, String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))));
}

function duplicate(text: string, random: SeededRandom): string {
  const from = random.below(text.length + 1);
  return replaceAt(text, from, 0, text.slice(from, from + 1 + random.below(40)));
}

function splice(text: string, other: string, random: SeededRandom): string {
  return text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1));
}

function atLineStart(text: string, random: SeededRandom): number {
  return oneOf(text, /\n/g, random) + 1;
}

function atSeparator(text: string, random: SeededRandom): number {
  return oneOf(text, /[\r\n:;, /]/g, random);
}

function oneOf(text: string, pattern: RegExp, random: SeededRandom): number {
  const found = [...text.slice(0, 4_096).matchAll(pattern)];
  return found.length === 0 ? 0 : random.one(found).index;
}

function changeNumber(text: string, random: SeededRandom): string {
  const found = [...text.slice(0, 4_096).matchAll(/[0-9a-f]*[0-9][0-9a-f]*/gi)];
  if (found.length === 0) return text;
  const { index, 0: number } = random.one(found);
  return replaceAt(text, index, number.length, random.one(numbers));
}

function changeLines(text: string, random: SeededRandom): string {
  const lines = text.split('\r\n');
  const [one, other] = [random.below(lines.length), random.below(lines.length)];
  switch (random.below(4)) {
    case 0:
      lines.splice(other, 0, lines[one]!);
      break;
    case 1:
      lines.splice(one, 1);
      break;
    case 2:
      [lines[one], lines[other]] = [lines[other]!, lines[one]!];
      break;
    default:
      lines[one] = ` ${lines[one]!}`;
  }
  return lines.join('\r\n');
}

function changeLineEnd(text: string, random: SeededRandom): string {
  const at = oneOf(text, /\r\n/g, random);
  return text.startsWith('\r\n', at)
    ? replaceAt(text, at, 2, random.one(['\n', '\r', '\r\r\n', '\n\r', ' \r\n', '']))
    : text;
}

function changeCase(text: string, random: SeededRandom): string {
  const at = oneOf(text, /[A-Za-z]/g, random);
  return replaceAt(text, at, 1, String.fromCharCode(text.charCodeAt(at) ^ 32));
}
