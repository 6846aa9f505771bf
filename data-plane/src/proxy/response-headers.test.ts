import fc from 'fast-check';
import { answerFault, opensWebSocket, responseHeaders, type ResponseHeadersInput } from './response-headers.ts';

function headersOf(rawHeaders: readonly string[], rest: Partial<ResponseHeadersInput> = {}): string[] {
  return responseHeaders({
    status: 200,
    rawHeaders,
    version: '1.1',
    method: 'GET',
    clientVersion: '1.1',
    requestId: 'own-id',
    via: true,
    ...rest,
  });
}

const own = ['X-Request-Id', 'own-id', 'Via', '1.1 headgate'];

describe('responseHeaders', () => {
  it('keeps what is meant for the client, and adds its own', () => {
    const rawHeaders = ['Server', 's', 'SET-COOKIE', 'a', 'Set-Cookie', 'b', 'Content-Length', '2'];
    expect(headersOf(rawHeaders)).toEqual([...rawHeaders, ...own]);
  });

  it('removes what is meant for this hop alone, and what Connection names', () => {
    const rawHeaders = [
      ...[
        'Connection',
        'close, X-Private',
        'X-Private',
        '1',
        'Keep-Alive',
        'timeout=5',
        'Transfer-Encoding',
        'chunked',
      ],
      ...['Upgrade', 'h2c', 'Proxy-Authenticate', 'Basic', 'Proxy-Connection', 'close', 'X-Request-Id', 'theirs'],
    ];
    expect(headersOf(rawHeaders)).toEqual(own);
  });

  it('keeps its own fields when Connection names them', () => {
    expect(
      headersOf(['Connection', 'Via, X-Request-Id, Content-Length', 'Content-Length', '2', 'Via', '1.1 a']),
    ).toEqual([...['Content-Length', '2', 'Via', '1.1 a'], ...own]);
  });

  it('says in Via which version the server spoke, unless that is off', () => {
    expect(headersOf([], { version: '1.0' })).toContain('1.0 headgate');
    expect(headersOf([], { via: false })).toEqual(['X-Request-Id', 'own-id']);
  });

  it('says which version it was served by in place of what the server says, where it is to say so', () => {
    const rawHeaders = ['headgate-version', '999', 'Server', 's'];
    expect(headersOf(rawHeaders)).toEqual([...rawHeaders, ...own]);
    expect(headersOf(rawHeaders, { shownVersion: 7, via: false })).toEqual([
      ...['Server', 's', 'X-Request-Id', 'own-id'],
      ...['Headgate-Version', '7'],
    ]);
  });

  it('opens a tunnel at 101', () => {
    expect(
      headersOf(['Upgrade', 'websocket', 'Connection', 'upgrade', 'Sec-WebSocket-Accept', 'x'], { status: 101 }),
    ).toEqual([...['Sec-WebSocket-Accept', 'x', 'Connection', 'Upgrade', 'Upgrade', 'websocket'], ...own]);
  });

  it('has no length where there can be no content', () => {
    for (const status of [103, 204]) expect(headersOf(['Content-Length', '0'], { status })).toEqual(own);
    expect(headersOf(['Content-Length', '9'], { status: 304 })).toContain('Content-Length');
    expect(headersOf(['Content-Length', '9'], { method: 'HEAD' })).toContain('Content-Length');
  });

  it('announces trailers where they can follow', () => {
    const chunked = ['Trailer', 'X-Sum', 'Transfer-Encoding', 'chunked'];
    expect(headersOf(chunked)).toContain('Trailer');
    expect(headersOf(chunked, { clientVersion: '1.0' })).not.toContain('Trailer');
    expect(headersOf(chunked, { method: 'HEAD' })).not.toContain('Trailer');
    expect(headersOf(['Trailer', 'X-Sum', 'Content-Length', '2'])).not.toContain('Trailer');
  });

  it('lets nothing of this hop through, whatever Connection says', () => {
    const names = [
      'Connection',
      'keep-alive',
      'Upgrade',
      'TE',
      'transfer-encoding',
      'Via',
      'x-request-id',
      'X-One',
      'Content-Length',
    ];
    const pair = fc.tuple(fc.constantFrom(...names), fc.constantFrom('1', ...names, names.join(', ')));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 10 }), (pairs) => {
        const out = headersOf(pairs.flat());
        const sent = out.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
        for (const name of ['connection', 'keep-alive', 'upgrade', 'te', 'transfer-encoding'])
          expect(sent).not.toContain(name);
        expect(out.slice(-4)).toEqual(own);
        expect(sent.filter((name) => name === 'x-request-id')).toHaveLength(1);
      }),
    );
  });
});

describe('answerFault', () => {
  const fault = (rawHeaders: readonly string[], status = 200, version: '1.0' | '1.1' = '1.1'): string | undefined =>
    answerFault({ status, rawHeaders, version });

  it('finds nothing wrong with the framings that there are', () => {
    expect([fault([]), fault(['Content-Length', '5']), fault(['transfer-encoding', 'Chunked'])]).toEqual(
      Array(3).fill(undefined),
    );
  });

  it.each([
    ['both framings', ['Content-Length', '5', 'Transfer-Encoding', 'chunked']],
    ['two lengths', ['Content-Length', '5', 'Content-Length', '6']],
    ['a length that is no number', ['Content-Length', '5x']],
    ['another coding', ['Transfer-Encoding', 'gzip, chunked']],
    ['chunked twice', ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
  ])('finds %s', (_what, rawHeaders) => {
    expect(fault(rawHeaders)).toBeDefined();
  });

  it('finds chunks in HTTP/1.0, and statuses that there are not', () => {
    expect(fault(['Transfer-Encoding', 'chunked'], 200, '1.0')).toBeDefined();
    expect([fault([], 99), fault([], 600)].every((found) => found !== undefined)).toBe(true);
  });
});

describe('opensWebSocket', () => {
  it('wants the one protocol that was asked for', () => {
    expect(opensWebSocket(['upgrade', 'WebSocket', 'connection', 'keep-alive, Upgrade'])).toBe(true);
    expect(opensWebSocket(['Connection', 'Upgrade', 'Upgrade', 'h2c'])).toBe(false);
    expect(opensWebSocket(['Connection', 'Upgrade', 'Upgrade', 'websocket, h2c'])).toBe(false);
    expect(opensWebSocket([])).toBe(false);
  });

  it('wants Connection to say so as well', () => {
    expect(opensWebSocket(['Upgrade', 'websocket'])).toBe(false);
    expect(opensWebSocket(['Upgrade', 'websocket', 'Connection', 'keep-alive'])).toBe(false);
  });
});
