import { SeededRandom } from '../../conformance/seeded-random.ts';
import { mutate } from './mutate.ts';
import { probeCases } from './probe-cases.ts';

/** The usual ones, in every framing, so that much of what is made of them is forwarded. */
const usual = [
  'GET /a?b=c HTTP/1.1\r\nHost: a.test\r\nUser-Agent: x/1.0\r\nAccept: */*\r\nCookie: a=1; b=2\r\nX-A: 1\r\nX-A: 2\r\n\r\n',
  'HEAD / HTTP/1.1\r\nHost: a.test:80\r\nConnection: keep-alive, X-B\r\nX-B: gone\r\n\r\n',
  'GET http://a.test/p?q HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'GET / HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n',
  'POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello',
  'POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello',
  'PUT /p HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5;a="b"\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n',
  'PATCH /p HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n0\r\n\r\n',
  'PURGE-ALL /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n',
  'GET /1 HTTP/1.1\r\nHost: a.test\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'GET /ws HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
];

/** Longer ones are sent as they are, and seldom changed. */
const MAX_CHANGED_BYTES = 2_048;

/** The corpus, with the steps of each case in one, and the usual requests. */
export function plainInputs(): readonly string[] {
  const cases = probeCases('a.test').map(({ steps }) => Buffer.concat(steps).toString('latin1'));
  return [...usual, ...cases];
}

/** Endless mutations, the same for the same seed. */
export function* mutatedInputs(seed: number): Generator<string> {
  const random = new SeededRandom(seed);
  const all = plainInputs();
  const short = all.filter((input) => input.length <= MAX_CHANGED_BYTES);
  for (;;) {
    const base = random.one(random.below(200) === 0 ? all : random.below(3) === 0 ? usual : short);
    yield mutate(base, random, short);
  }
}
