import { RawClient } from './raw-client.ts';
import { ScriptedOrigin } from './scripted-origin.ts';
import { WireCut } from './wire-end.ts';
import { valueOf, valuesOf, WireFault, type WireRequest, type WireResponse } from './wire-message.ts';
import { chunkedText, requestText } from './wire-text.ts';

/** What the client makes of bytes that a server sends before it closes. */
async function readAnswer(bytes: string, method = 'GET'): Promise<WireResponse> {
  const origin = await ScriptedOrigin.start(async (connection) => {
    await connection.sendPieces(bytes.match(/[^]{1,7}/g) ?? []);
    connection.end();
  });
  const client = await RawClient.connect({ host: '127.0.0.1', port: origin.port });
  return client.response(method).finally(async () => {
    client.destroy();
    await origin.close();
  });
}

/** What the server makes of bytes that a client sends before it closes; undefined when it finds no whole request. */
async function readRequest(bytes: string): Promise<{ requests: readonly WireRequest[]; faults: readonly unknown[] }> {
  const origin = await ScriptedOrigin.start(async (connection) => {
    for (;;) await connection.request();
  });
  const client = await RawClient.connect({ host: '127.0.0.1', port: origin.port });
  client.send(bytes);
  client.end();
  await client.closed();
  const { requests, faults } = origin;
  await origin.close();
  return { requests, faults };
}

describe('the answers that the raw client reads', () => {
  it('are read whole in each framing', async () => {
    const length = await readAnswer('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    const chunked = await readAnswer(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedText(['hel', 'lo'], ['X-T: 1'])}`,
    );
    const close = await readAnswer('HTTP/1.1 200 OK\r\n\r\nhello');
    expect([length, chunked, close].map((answer) => [answer.framing, answer.body.toString()])).toEqual([
      ['length', 'hello'],
      ['chunked', 'hello'],
      ['close', 'hello'],
    ]);
    expect(chunked.trailers).toEqual([['X-T', '1']]);
  });

  it('keep interim answers apart from the last one, and fields as they were sent', async () => {
    const answer = await readAnswer(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX-A:  1 \r\nx-a: 2\r\nContent-Length: 0\r\n\r\n',
    );
    expect(answer.interim.map((head) => [head.status, valueOf(head, 'link')])).toEqual([[103, '</a>']]);
    expect(valuesOf(answer, 'X-a')).toEqual(['1', '2']);
    expect(() => valueOf(answer, 'x-a')).toThrow(WireFault);
  });

  it('have no body after HEAD and with 204 and 304', async () => {
    const answers = [
      await readAnswer('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', 'HEAD'),
      await readAnswer('HTTP/1.1 204 No Content\r\n\r\n'),
      await readAnswer('HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n'),
    ];
    expect(answers.map((answer) => answer.framing)).toEqual(['none', 'none', 'none']);
  });

  it.each([
    ['a length beside chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello'],
    ['a length in 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
    ['a bare LF', 'HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 0\r\n\r\n'],
    ['a bare CR', 'HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 0\r\n\r\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n'],
    ['a space before a colon', 'HTTP/1.1 200 OK\r\nX-A : 1\r\nContent-Length: 0\r\n\r\n'],
    ['another protocol', 'HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n'],
    [
      'a chunk that is longer than its size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n',
    ],
    ['a size that is no number', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n'],
  ])('are refused with %s', async (_, bytes) => {
    await expect(readAnswer(bytes)).rejects.toThrow(WireFault);
  });

  it.each([
    ['its length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell'],
    ['its last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['its trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n'],
    ['the end of its head', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n'],
  ])('are seen as cut when they end before %s', async (_, bytes) => {
    await expect(readAnswer(bytes)).rejects.toThrow(WireCut);
  });
});

describe('the requests that the scripted origin reads', () => {
  it('are read one after the other', async () => {
    const { requests } = await readRequest(
      requestText({ method: 'POST', body: 'hello' }) + requestText({ target: '/b' }),
    );
    expect(requests.map((request) => [request.method, request.target, request.body.toString()])).toEqual([
      ['POST', '/', 'hello'],
      ['GET', '/b', ''],
    ]);
  });

  it('do not count when they are incomplete', async () => {
    expect(await readRequest('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell')).toEqual({
      requests: [],
      faults: [],
    });
  });

  it.each([
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
    ['two framings', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])('are faults with %s', async (_, bytes) => {
    const { requests, faults } = await readRequest(bytes);
    expect([requests, faults]).toEqual([[], [expect.any(WireFault)]]);
  });
});
