import fc from 'fast-check';
import { articleProbeRequestSchema } from './article-probe-request.ts';
import { healthCheckSchema } from './health-check.ts';

/** What the text says, or what is wrong with it. */
function read(text: unknown) {
  const result = articleProbeRequestSchema.safeParse(text);
  return result.success ? result.data : result.error.issues.map(({ message }) => message);
}

describe('articleProbeRequestSchema', () => {
  it("reads article 000's request", () => {
    expect(read('GET / HTTP/1.0\r\nHost: localhost\r\n\r\n')).toEqual({ method: 'GET', path: '/', host: 'localhost' });
    expect(read('GET /status HTTP/1.0\r\nHost: foo.com\r\n\r\n')).toEqual({
      method: 'GET',
      path: '/status',
      host: 'foo.com',
    });
  });

  it('reads method, path, host and fields', () => {
    const text = 'HEAD /a?b=%20c HTTP/1.1\r\nhost:\tapp.example.com:8080 \r\nX-Probe: 1, 2\r\nUser-Agent: me\r\n\r\n';
    expect(read(text)).toEqual({
      method: 'HEAD',
      path: '/a?b=%20c',
      host: 'app.example.com:8080',
      headers: [
        { name: 'X-Probe', value: '1, 2' },
        { name: 'User-Agent', value: 'me' },
      ],
    });
  });

  it('may do without Host in HTTP/1.0, and takes the Connection: close that every probe says', () => {
    expect(read('OPTIONS / HTTP/1.0\r\nConnection: Close\r\n\r\n')).toEqual({ method: 'OPTIONS', path: '/' });
  });

  it.each([
    ['', 'does not end with an empty line'],
    ['GET / HTTP/1.0', 'does not end with an empty line'],
    ['GET / HTTP/1.0\r\n', 'does not end with an empty line'],
    ['GET / HTTP/1.0\n\n', 'has a line that does not end with'],
    ['GET / HTTP/1.0\r\nHost: a\nX: b\r\n\r\n', 'has a line that does not end with'],
    ['GET / HTTP/1.0\r\nHost: a\rX: b\r\n\r\n', 'has a line that does not end with'],
    ['GET / HTTP/1.0\r\n\r\nbody\r\n\r\n', 'has something after the empty line'],
    ['GET / HTTP/1.0\r\n\r\n\r\n\r\n', 'has something after the empty line'],
    ['\r\n\r\n', 'has something after the empty line'],
    ['GET /\r\n\r\n', 'has no valid first line'],
    ['GET  / HTTP/1.0\r\n\r\n', 'has no valid first line'],
    ['GET / HTTP/2.0\r\n\r\n', 'has no valid first line'],
    ['GET / http/1.0\r\n\r\n', 'has no valid first line'],
    ['get / HTTP/1.0\r\n\r\n', 'has another method than a probe may have'],
    ['POST / HTTP/1.0\r\n\r\n', 'has another method than a probe may have'],
    ['GET status HTTP/1.0\r\n\r\n', 'has a path that is not a request path'],
    ['GET http://foo.com/ HTTP/1.0\r\n\r\n', 'has a path that is not a request path'],
    ['GET /a#b HTTP/1.0\r\n\r\n', 'has a path that is not a request path'],
    ['GET / HTTP/1.1\r\n\r\n', 'is HTTP/1.1 without a Host field'],
    ['GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n', 'has more than one Host field'],
    ['GET / HTTP/1.0\r\nHost: a/b\r\n\r\n', 'has a Host field that is not a host'],
    ['GET / HTTP/1.0\r\nHost:\r\n\r\n', 'has a Host field that is not a host'],
    ['GET / HTTP/1.0\r\nX\r\n\r\n', 'has a line that is no field'],
    ['GET / HTTP/1.0\r\nX : y\r\n\r\n', 'has a line that is no field'],
    ['GET / HTTP/1.0\r\nX: y\r\n folded\r\n\r\n', 'has a line that is no field'],
    ['GET / HTTP/1.0\r\nX(: y\r\n\r\n', 'has a field that is not a name of a field'],
    ['GET / HTTP/1.0\r\nX: \u00e9\r\n\r\n', 'has a field that is not the value of a field'],
    ['GET / HTTP/1.0\r\nContent-Length: 5\r\n\r\n', 'has a field that is a field that the probe sets itself'],
    ['GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 'has a field that is a field that the probe sets itself'],
    [`GET / HTTP/1.0\r\n${'X: y\r\n'.repeat(17)}\r\n`, 'has more than 16 fields'],
    [`GET / HTTP/1.0\r\nX: ${'y'.repeat(9_000)}\r\n\r\n`, 'is longer than 8192 characters'],
    [7, 'is not the text of a request'],
  ])('refuses %j', (text, problem) => {
    const faults = read(text) as readonly string[];
    expect(faults).toHaveLength(1);
    expect(faults[0]!.startsWith(problem)).toBe(true);
    expect(faults[0]).toMatch(/ — ./); // and says what to do
  });

  it('never lets anything through that a native check would not', () => {
    const piece = fc.constantFrom(
      'GET',
      ' ',
      '/',
      'HTTP/1.',
      '0',
      '1',
      '\r\n',
      '\n',
      'Host',
      ':',
      'a',
      'X-Y',
      '\t',
      '\0',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const result = articleProbeRequestSchema.safeParse(`GET / HTTP/1.0\r\n${pieces.join('')}\r\n\r\n`);
        if (!result.success) return;
        expect(healthCheckSchema.safeParse({ type: 'http', ...result.data }).success).toBe(true);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
