import { SeededRandom } from '../../conformance/seeded-random.ts';
import { mutate } from './mutate.ts';

/** What a client asks, and all that the server says to it. Text stands for bytes. */
export interface AnswerInput {
  /** `UPGRADE` is a GET that asks for a WebSocket. */
  readonly method: 'GET' | 'HEAD' | 'POST' | 'UPGRADE';
  readonly version: '1.0' | '1.1';
  readonly answer: string;
  /** Whether the server ends the connection behind it. */
  readonly ends: boolean;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n`;

/** Right ones, and ones that readers are known to disagree about. `#` is a number of its own for each input. */
const usual = [
  `${OK}Content-Length: 8\r\nX-N: #\r\n\r\n12345678`,
  `${OK}Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 5\r\nSet-Cookie: a=#\r\nSet-Cookie: b=2\r\nX-A: 1,2\r\n\r\nhello`,
  `${OK}Content-Length: 0\r\nX-N: #\r\n\r\n`,
  `${CHUNKED}X-N: #\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`,
  `${CHUNKED}Trailer: X-T\r\n\r\n5;a="b";c\r\nhello\r\n0\r\nX-T: #\r\n\r\n`,
  `${OK}X-N: #\r\nConnection: close\r\n\r\nuntil the end`,
  'HTTP/1.0 200 OK\r\nX-N: #\r\n\r\nuntil the end',
  'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\nX-N: #\r\n\r\nabc',
  'HTTP/1.1 204 No Content\r\nX-N: #\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nETag: "#"\r\nContent-Length: 7\r\n\r\n',
  'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-N: #\r\n\r\nno',
  'HTTP/1.1 500 \r\nContent-Length: 2\r\nX-N: #\r\n\r\nno',
  `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 2\r\nX-N: #\r\n\r\nok`,
  `HTTP/1.1 103 Early Hints\r\nLink: </#>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${CHUNKED}\r\n2\r\nok\r\n0\r\n\r\n`,
  `${OK}Connection: keep-alive, X-B\r\nX-B: gone\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\nX-N: #\r\n\r\nok`,
];

const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\n';

/** To a request for a WebSocket. */
const handshakes = [
  `${SWITCH}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-N: #\r\n\r\n\x81\x02ok`,
  `${SWITCH}Upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\nX-N: #\r\n\r\n`,
  `HTTP/1.1 103 Early Hints\r\n\r\n${SWITCH}Upgrade: websocket\r\nConnection: Upgrade\r\nX-N: #\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`,
  'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\nX-N: #\r\n\r\nno',
];

const odd = [
  `${OK}Content-Length: 2\r\n\r\nok${OK}Content-Length: 3\r\nX-N: #\r\n\r\nbad`,
  `${OK}Content-Length: 5\r\nContent-Length: 2\r\n\r\nok`,
  `${OK}Content-Length: 2, 2\r\n\r\nok`,
  `${OK}Content-Length: +2\r\n\r\nok`,
  `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok`,
  'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  `${OK}Transfer-Encoding : chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  `${OK}X-A: 1\r\n folded\r\nContent-Length: 2\r\n\r\nok`,
  `${OK}Content-Length : 2\r\n\r\nok`,
  'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  `HTTP/1.1 199 Odd\r\nContent-Length: 5\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
  'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 205 Reset Content\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 99 Low\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 600 High\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nok',
  `\r\n${OK}Content-Length: 2\r\n\r\nok`,
  `${CHUNKED}\r\n2\nok\n0\n\n`,
  `${CHUNKED}\r\n+2\r\nok\r\n0\r\n\r\n`,
  `${CHUNKED}\r\n2 \r\nok\r\n0\r\n\r\n`,
  `${CHUNKED}\r\n10000000000000002\r\nok\r\n0\r\n\r\n`,
  `${CHUNKED}\r\n2\r\nok\r\n0\r\nContent-Length: 9\r\n\r\n`,
  `${CHUNKED}\r\n2\r\nok\r\n0\r\n\r\n${OK}Content-Length: 3\r\n\r\nbad`,
  'SSH-2.0-OpenSSH_9.2\r\n',
  '',
];

const methods = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'HEAD', 'POST', 'UPGRADE'] as const;

/** Every answer, to every method, to both versions, from a server that stays and one that leaves. */
export function plainAnswers(): readonly AnswerInput[] {
  return [...usual, ...odd, ...handshakes].flatMap((text, index) =>
    (['GET', 'HEAD', 'POST', 'UPGRADE'] as const).flatMap((method) =>
      (['1.0', '1.1'] as const).flatMap((version) =>
        [true, false].map((ends) => ({ method, version, answer: text.replaceAll('#', String(index)), ends })),
      ),
    ),
  );
}

/** Answers that a client has to get, whole. */
export function soundAnswers(): readonly AnswerInput[] {
  return usual.map((text) => ({ method: 'GET', version: '1.1', answer: text.replaceAll('#', '1'), ends: true }));
}

/** Endless mutations, the same for the same seed. */
export function* mutatedAnswers(seed: number): Generator<AnswerInput> {
  const random = new SeededRandom(seed);
  const all = [...usual, ...odd, ...handshakes];
  for (let count = 0; ; count++) {
    const method = random.one(methods);
    const likely = method === 'UPGRADE' ? handshakes : usual;
    const base = random.one(random.below(3) === 0 ? all : likely).replaceAll('#', String(count));
    yield {
      method,
      version: random.below(8) === 0 ? '1.0' : '1.1',
      answer: base === '' ? base : mutate(base, random, all),
      ends: random.below(2) === 0,
    };
  }
}
