import { forwarderLimitDefaults } from '../forwarder.ts';
import { RequestReader, type ReadRequest, type RequestFault } from './request-reader.ts';

const limits = { ...forwarderLimitDefaults, requestLineBytes: 64, headerBytes: 256, headerFields: 4 };
const GET = 'GET /a?b=c HTTP/1.1\r\nHost: a.test\r\nX-Empty:\r\nx-long:\t a  b \t\r\n\r\n';

/** Reads a head that comes in these pieces, and what is left of the last of them. */
function readPieces(pieces: readonly string[], reader = new RequestReader(limits)) {
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1');
    const read = reader.read(bytes, 0);
    if (read !== undefined) return { read, rest: bytes.toString('latin1', reader.at) };
  }
  return { read: undefined, rest: '' };
}

const read = (text: string): ReadRequest | RequestFault | undefined => readPieces([text]).read;

describe('a request reader', () => {
  it.each(Array.from({ length: GET.length - 1 }, (_, index) => index + 1))('reads a head cut at %i', (at) => {
    const whole = readPieces([`${GET}rest`]);
    const cut = readPieces([GET.slice(0, at), `${GET.slice(at)}rest`]);
    expect(cut).toEqual(whole);
    expect(whole.rest).toBe('rest');
    expect(whole.read).toMatchObject({
      method: 'GET',
      target: '/a?b=c',
      version: '1.1',
      block: { rawHeaders: ['Host', 'a.test', 'X-Empty', '', 'x-long', 'a  b'] },
      keepAlive: true,
      chunked: false,
      contentLength: 0,
    });
  });

  it('reads a head byte by byte, an empty line before it passed over', () => {
    expect(readPieces([...`\r\n${GET}`]).read).toEqual(read(GET));
  });

  it('passes over one empty line and no more', () => {
    expect(read(`\r\n\r\n${GET}`)).toMatchObject({ fault: 'bad_request' });
  });

  it('reads one head after the other, also when the fields are those of the one before', () => {
    const reader = new RequestReader(limits);
    const first = readPieces([GET], reader).read as ReadRequest;
    const second = readPieces([GET.replace('/a?b=c', '/d')], reader).read as ReadRequest;
    const third = readPieces([GET.replace('a.test', 'b.test')], reader).read as ReadRequest;
    expect([second.target, second.block]).toEqual(['/d', first.block]);
    expect(third.block.rawHeaders[1]).toBe('b.test');
  });

  it.each([
    ['HTTP/1.1', '', true],
    ['HTTP/1.1', 'Connection: close\r\n', false],
    ['HTTP/1.1', 'Connection: keep-alive, CLOSE\r\n', false],
    ['HTTP/1.0', '', false],
    ['HTTP/1.0', 'Connection: Keep-Alive\r\n', true],
    ['HTTP/1.0', 'Connection: keep-alive\r\nConnection: close\r\n', false],
  ])('knows whether a client of %s with "%s" stays: %s', (version, fields, stays) => {
    expect(read(`GET / ${version}\r\n${fields}\r\n`)).toMatchObject({ keepAlive: stays });
  });

  it.each([
    ['Content-Length: 12\r\n', { chunked: false, contentLength: 12 }],
    ['Transfer-Encoding: chunked\r\n', { chunked: true, contentLength: 0 }],
    ['Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', { chunked: false, contentLength: 0 }],
  ])('reads the framing of %j, and trusts none that is in doubt', (fields, framing) => {
    expect(read(`POST / HTTP/1.1\r\n${fields}\r\n`)).toMatchObject(framing);
  });

  it.each([
    ['request_line_too_long', `GET /${'a'.repeat(64)}`],
    ['request_line_too_long', `GET /${'a'.repeat(64)} HTTP/1.1\r\n\r\n`],
    ['bad_request', 'G'.repeat(65)],
    ['header_too_large', `GET / HTTP/1.1\r\nX-A: ${'a'.repeat(256)}`],
    ['header_too_large', `GET / HTTP/1.1\r\nX-A: ${'a'.repeat(256)}\r\n\r\n`],
    ['too_many_fields', `GET / HTTP/1.1\r\n${'X: 1\r\n'.repeat(5)}\r\n`],
    ['http_version_not_supported', 'GET / HTTP/2.0\r\n\r\n'],
    ['bad_request', 'GET / HTTP/1.10\r\n\r\n'],
    ['bad_request', 'GET  / HTTP/1.1\r\n\r\n'],
    ['bad_request', 'GET / HTTP/1.1 \r\n\r\n'],
    ['bad_request', 'GET / HTTP/1.1\r\nX-A : 1\r\n\r\n'],
    ['bad_request', 'GET / HTTP/1.1\r\nX-A: 1\r\n 2\r\n\r\n'],
    ['bad_request', 'GET / HTTP/1.1\r\nX-A: 1\x7f\r\n\r\n'],
    ['bad_request', 'POST / HTTP/1.1\r\nTransfer-Encoding:\tchunked\r\n\r\n'],
    ['bad_request', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\t\r\n\r\n'],
    ['bad_request', 'POST / HTTP/1.1\r\nContent-Length: \t1\r\n\r\n'],
  ])('refuses as %s: %j', (fault, text) => {
    expect(read(text)).toMatchObject({ fault });
    expect(readPieces([...text]).read).toMatchObject({ fault });
  });

  it.each(['GET / HTTP/1.1\n', 'GET / HTTP/1.1\r\nX-A: 1\n', 'GET / HTTP/1.1\rX', '\x16\x03\x01', '\n'])(
    'does not wait for the end of what can be no head: %j',
    (text) => {
      expect(read(text)).toMatchObject({ fault: 'bad_request' });
    },
  );

  it('says what it could read of a head that it refuses', () => {
    expect(read('PUT /x HTTP/1.1\r\nX A: 1\r\n\r\n')).toEqual({ fault: 'bad_request', method: 'PUT', target: '/x' });
  });
});
