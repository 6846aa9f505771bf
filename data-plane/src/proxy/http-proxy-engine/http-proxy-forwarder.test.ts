import { createServer } from 'node:net';
import { once } from 'node:events';
import { answering, answeringInTurn } from '../conformance/origin-scripts.ts';
import { readRequestHead } from '../conformance/read-message.ts';
import { WireCut } from '../conformance/wire-end.ts';
import { valuesOf } from '../conformance/wire-message.ts';
import { answerText, chunkedText, requestText } from '../conformance/wire-text.ts';
import { accepting, webSocketAnswer, webSocketRequest } from '../conformance/web-socket-text.ts';
import { EngineStage } from './engine-stage.cases.ts';
import { HttpProxyForwarder } from './http-proxy-forwarder.ts';

let stage: EngineStage;

beforeEach(() => {
  stage = new EngineStage();
});

afterEach(() => stage.clear());

/** What http-proxy does to requests and answers when it is left alone. */
describe('the http-proxy engine passes on what http-proxy would change', () => {
  it.each(['/a/../b', '//a//b', '/a?b?c', '/?', '/a?', '/%7e{}|^', '/a;b?c=http://d/../e'])(
    'asks for %s byte for byte',
    async (target) => {
      const { client, origin } = await stage.serve(answering());
      await client.ask(requestText({ target }));
      expect(origin.requests[0]?.target).toBe(target);
    },
  );

  it('asks for * as it is', async () => {
    const { client, origin } = await stage.serve(answering());
    await client.ask(requestText({ method: 'OPTIONS', target: '*' }));
    expect(origin.requests[0]?.target).toBe('*');
  });

  it('removes hop-by-hop fields in both directions', async () => {
    const fields = [
      'Connection: close, X-Private',
      'X-Private: 1',
      'Keep-Alive: timeout=9',
      'Proxy-Connection: x',
      'Upgrade: h2c',
    ];
    const { client, origin } = await stage.serve(answering(answerText({ fields })));
    const answer = await client.ask(requestText({ fields: [...fields.slice(1), 'Connection: X-Private'] }));
    for (const message of [origin.requests[0]!, answer]) {
      for (const name of ['x-private', 'proxy-connection', 'upgrade']) expect(valuesOf(message, name)).toEqual([]);
      expect(valuesOf(message, 'keep-alive')).not.toContain('timeout=9');
    }
  });

  it('rewrites the fields of a request that expects 100-continue too', async () => {
    const { client, origin } = await stage.serve(async (connection) => {
      await readRequestHead(connection);
      connection.send('HTTP/1.1 100 Continue\r\n\r\n');
      await connection.take(5);
      connection.send(answerText());
    });
    client.send(
      requestText({
        method: 'PUT',
        target: '/a/../b',
        fields: ['Expect: 100-continue', 'Keep-Alive: x', 'Content-Length: 5'],
      }),
    );
    expect((await client.head()).status).toBe(100);
    client.send('hello');
    expect((await client.response()).status).toBe(200);
    expect(origin.received).toMatch(/^PUT \/a\/\.\.\/b HTTP\/1\.1\r\n[^]*X-Forwarded-For: 127\.0\.0\.1/);
    expect(origin.received).not.toMatch(/^keep-alive: x/im);
  });

  it('relays trailers in both directions, announced and unannounced', async () => {
    const chunked = ['Transfer-Encoding: chunked', 'Trailer: X-Sum'];
    const { client, origin } = await stage.serve(
      answering(`${answerText({ fields: chunked, body: undefined })}${chunkedText(['ab'], ['X-Sum: 2', 'X-More: 3'])}`),
    );
    client.send(requestText({ method: 'POST', fields: chunked }) + chunkedText(['hello'], ['X-Sum: 1', 'Cookie: no']));
    const answer = await client.response();
    expect(answer.trailers).toEqual([
      ['X-Sum', '2'],
      ['X-More', '3'],
    ]);
    expect(origin.requests[0]?.trailers).toEqual([['X-Sum', '1']]);
  });

  it('sends a DELETE in chunks in chunks, and not with a length of 0', async () => {
    const { client, origin } = await stage.serve(answering());
    client.send(requestText({ method: 'DELETE', fields: ['Transfer-Encoding: chunked'] }) + chunkedText(['hello']));
    expect((await client.response()).status).toBe(200);
    expect([origin.requests[0]?.framing, origin.requests[0]?.body.toString()]).toEqual(['chunked', 'hello']);
  });

  it.each(['POST', 'DELETE', 'GET'])('sends a %s without content without chunks', async (method) => {
    const { client, origin } = await stage.serve(answering());
    await client.ask(requestText({ method }));
    expect(origin.requests[0]?.framing).not.toBe('chunked');
  });

  it('leaves the bytes of Content-Disposition alone, after Content-Length too', async () => {
    const disposition = 'Content-Disposition: attachment; filename="caf\u00c3\u00a9"';
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${disposition}\r\n\r\nok`;
    const { client, origin } = await stage.serve(answering(answer));
    client.send(`POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n${disposition}\r\n\r\nok`);
    const got = await client.response();
    for (const message of [origin.requests[0]!, got]) {
      expect(valuesOf(message, 'content-disposition')).toEqual([disposition.slice(21)]);
    }
  });

  it('does not read the name of a field as a part of an object', async () => {
    const { client, origin } = await stage.serve(answering());
    const fields = ['__proto__: 1', 'constructor: 2', 'toString: 3'];
    await client.ask(requestText({ fields }));
    expect(origin.requests[0]?.fields.map((pair) => pair.join(': '))).toEqual(expect.arrayContaining(fields));
  });
});

/** What Node's server and client do when they are left alone. */
describe('the http-proxy engine is stricter than Node', () => {
  it('counts fields beyond the limit, which Node passes over', async () => {
    const { client, origin } = await stage.serve(answering());
    const fields = Array.from({ length: 100 }, (_, index) => `X-${index}: 1`);
    const answer = await client.ask(requestText({ fields }));
    expect([answer.status, answer.body.toString()]).toEqual([431, expect.stringContaining('too_many_fields')]);
    expect(origin.received).toBe('');
  });

  it.each([
    ['in one piece', [`GET /${'a'.repeat(60_000)} HTTP/1.1\r\n`], 414],
    ['just beyond the limit', [`GET /${'a'.repeat(9_000)} HTTP/1.1\r\nHost: a.test\r\n\r\n`], 414],
    ['fields beyond the limit', [`GET / HTTP/1.1\r\nX-Big: ${'a'.repeat(17_000)}\r\nHost: a.test\r\n\r\n`], 431],
    ['fields far beyond the limit', [`GET / HTTP/1.1\r\nX-Big: ${'a'.repeat(60_000)}`], 431],
  ])('refuses a head that is too long, %s', async (_how, pieces, status) => {
    const { client } = await stage.serve(answering());
    await client.sendPieces(pieces);
    expect((await client.response()).status).toBe(status);
    await stage.pass(1_000, 0);
    await client.closed();
  });

  it('gives an HTTP/1.0 client that welcomes chunks none', async () => {
    const chunked = answerText({ fields: ['Transfer-Encoding: chunked'], body: undefined }) + chunkedText(['hello']);
    const { client } = await stage.serve(answering(chunked));
    const answer = await client.ask(requestText({ version: '1.0', fields: ['TE: chunked'] }));
    expect([answer.framing, answer.body.toString()]).toEqual(['close', 'hello']);
  });

  it('takes a request with Upgrade: h2c for what it is without', async () => {
    const { client, origin } = await stage.serve(answering());
    const fields = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMA'];
    expect((await client.ask(requestText({ method: 'POST', fields, body: 'hello' }))).status).toBe(200);
    expect(origin.received).not.toMatch(/h2c|http2-settings/i);
    expect(origin.requests[0]?.body.toString()).toBe('hello');
  });

  it('carries requests that come at once out one after the other', async () => {
    let [open, most] = [0, 0];
    const { client } = await stage.serve(async (connection) => {
      for (;;) {
        await connection.request();
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        connection.send(answerText());
      }
    });
    client.send(requestText().repeat(300));
    for (let index = 0; index < 300; index++) expect((await client.response()).status).toBe(200);
    expect(most).toBe(1);
  });

  it('finishes what came before a broken request, then says what is wrong', async () => {
    const { client } = await stage.serve(answering());
    client.send(`${requestText()}${requestText()}BROKEN\r\n\r\n`);
    expect([
      (await client.response()).status,
      (await client.response()).status,
      (await client.response()).status,
    ]).toEqual([200, 200, 400]);
    await client.closed();
  });
});

describe('the http-proxy engine survives', () => {
  it('a server that dies in the middle of an answer: the client sees that at once', async () => {
    const { client, forwarder } = await stage.serve(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
      connection.end();
    });
    await expect(client.ask(requestText())).rejects.toThrow(WireCut);
    await stage.idle(forwarder);
    expect(forwarder.accessLines.at(-1)).toMatchObject({
      outcome: 'truncated',
      cause: 'connection_lost',
      sentBytes: 5,
    });
  });

  it('a client that leaves: the server is let go at once', async () => {
    const { client, origin, forwarder } = await stage.serve(async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    });
    client.send(requestText());
    await client.takeThrough('hello');
    client.destroy();
    await (await origin.connection(0)).closed();
    await stage.idle(forwarder);
    expect(forwarder.accessLines.at(-1)).toMatchObject({ outcome: 'client_aborted' });
  });

  it('a client that leaves before its server has been reached', async () => {
    const { client, forwarder } = await stage.serve(() => undefined);
    client.send(requestText());
    await stage.eventually(() => forwarder.inFlight === 1, 'the request to be under way');
    client.reset();
    await stage.idle(forwarder);
  });

  it.each(['client', 'origin'] as const)('a WebSocket that is reset by its %s', async (side) => {
    const { client, origin, forwarder } = await stage.serve(accepting);
    client.send(webSocketRequest());
    expect((await client.response()).status).toBe(101);
    const connection = await origin.connection(0);
    await stage.eventually(() => forwarder.open.tunnels === 1, 'the tunnel to stand');
    const [first, second] = side === 'client' ? [client, connection] : [connection, client];
    first.reset();
    await second.closed();
    await stage.idle(forwarder);
    expect(forwarder.accessLines.at(-1)).toMatchObject({ status: 101, outcome: 'tunnel_closed' });
  });

  it('a WebSocket client that leaves or resets before it is accepted', async () => {
    for (const leave of ['end', 'reset'] as const) {
      const { client, origin, forwarder } = await stage.serve(async (connection) => void (await connection.head()));
      client.send(webSocketRequest());
      await origin.connection(0);
      await stage.eventually(() => forwarder.inFlight === 1 && origin.received.endsWith('\r\n\r\n'), 'the handshake');
      client[leave]();
      await origin.connections[0]!.closed();
      await stage.idle(forwarder);
    }
  });

  it('a handshake, or CONNECT, behind a request that is not answered yet', async () => {
    const { client, origin, forwarder } = await stage.serve(answering());
    client.send(requestText() + webSocketRequest());
    expect([(await client.response()).status, (await client.response()).status]).toEqual([200, 200]);
    expect(origin.requests.map((request) => valuesOf(request, 'upgrade'))).toEqual([[], []]);
    client.send(`${requestText()}CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n`);
    await client.closed();
    await stage.idle(forwarder);
  });

  it('frames that come with the handshake, from both sides', async () => {
    const { client, origin } = await stage.serve(async (connection) => {
      await connection.head();
      connection.send(`${webSocketAnswer()}from the server`);
    });
    client.send(`${webSocketRequest()}from the client`);
    expect((await client.response()).status).toBe(101);
    expect((await client.take(15)).toString()).toBe('from the server');
    expect((await (await origin.connection(0)).take(15)).toString()).toBe('from the client');
  });

  it('a server that switches protocols without being asked', async () => {
    const { client, forwarder } = await stage.serve(accepting);
    const answer = await client.ask(requestText());
    expect([answer.status, answer.body.toString()]).toEqual([502, expect.stringContaining('invalid_answer')]);
    await stage.idle(forwarder);
  });

  it('a server that answers a second time in one go', async () => {
    const { client, forwarder } = await stage.serve(answering(answerText().repeat(2)));
    for (let index = 0; index < 3; index++) expect((await client.ask(requestText())).body.toString()).toBe('ok');
    await stage.idle(forwarder);
  });

  it('a server with a reason phrase that cannot be written', async () => {
    const { client } = await stage.serve(answering('HTTP/1.1 200 a\u0001b\r\nContent-Length: 0\r\n\r\n'));
    expect((await client.ask(requestText())).status).toBe(502);
  });
});

describe('the http-proxy engine, connections', () => {
  it('keeps them on both sides', async () => {
    const { client, origin, forwarder } = await stage.serve(answering());
    for (let index = 0; index < 5; index++) await client.ask(requestText());
    expect([origin.connections.length, forwarder.open.connections]).toEqual([1, 1]);
    expect([forwarder.metrics.upstreamConnections, forwarder.metrics.reusedConnections]).toEqual([1, 4]);
  });

  it('relays 103 with the fields of the answer rewritten', async () => {
    const { client } = await stage.serve(
      answering(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: x-a\r\nX-A: 1\r\n\r\n${answerText()}`),
    );
    const { interim, status } = await client.ask(requestText());
    expect([status, interim.map((one) => one.status)]).toEqual([200, [103]]);
    expect([valuesOf(interim[0]!, 'link'), valuesOf(interim[0]!, 'x-a')]).toEqual([['</a.css>'], []]);
  });

  it('passes a bounded number of interim answers on', async () => {
    const { client } = await stage.serve(answering('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100) + answerText()));
    expect((await client.ask(requestText())).interim).toHaveLength(16);
  });

  it('refuses client connections beyond the limit, and counts them', async () => {
    const { client, forwarder } = await stage.serve(answering(), { limits: { clientConnections: 1 } });
    await stage.eventually(() => forwarder.open.connections === 1, 'the first connection');
    const second = await stage.client(forwarder);
    await second.closed();
    expect(forwarder.metrics.refusedConnections).toBe(1);
    expect((await client.ask(requestText())).status).toBe(200);
  });

  it('replaces a kept connection that dies under a request, once', async () => {
    const { client, origin, forwarder } = await stage.serve(answeringInTurn(answerText(), answerText()));
    await client.ask(requestText());
    const kept = origin.connections[0]!;
    client.send(requestText());
    await stage.eventually(() => kept.requests.length === 2, 'the second request');
    expect((await client.response()).status).toBe(200);
    expect(forwarder.metrics.replacedConnections).toBeLessThanOrEqual(1);
  });

  it('leaves no timer behind', async () => {
    const { client, forwarder } = await stage.serve(answering());
    for (let index = 0; index < 3; index++) await client.ask(requestText({ method: 'POST', body: 'hello' }));
    await stage.idle(forwarder);
    // The one for idle connections to the server.
    await stage.eventually(() => stage.clock.pending <= 1, 'the timers to be gone');
    await forwarder.close();
    await stage.eventually(() => stage.clock.pending === 0, 'the last timer to be gone');
  });
});

describe('the http-proxy engine, its life', () => {
  it('says why it cannot listen', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    await stage.serve(answering());
    const forwarder = new HttpProxyForwarder({ ...stage.options!, address: { host: '127.0.0.1', port } });
    await expect(forwarder.start()).rejects.toThrow('EADDRINUSE');
    await forwarder.close();
    taken.close();
  });

  it('waits for a request whose head is coming in when it stops, though not for ever', async () => {
    const { client, forwarder } = await stage.serve(answering());
    client.send('GET / HTTP/1.1\r\n');
    await stage.eventually(() => forwarder.open.connections === 1, 'the connection');
    const idle = await stage.client(forwarder);
    await stage.eventually(() => forwarder.open.connections === 2, 'the idle connection');
    const stopped = forwarder.stopAccepting();
    await idle.closed();
    client.send('Host: a.test\r\n\r\n');
    expect(valuesOf(await client.response(), 'connection')).toEqual(['close']);
    await stopped;
  });

  it('cuts tunnels and requests that are left when it closes', async () => {
    const { client, origin, forwarder } = await stage.serve(accepting);
    client.send(webSocketRequest());
    expect((await client.response()).status).toBe(101);
    await forwarder.close();
    await client.closed();
    await origin.connections[0]!.closed();
    expect(forwarder.inFlight).toBe(0);
  });
});
